import { useId } from "react";
import { TextArea } from "../../../../components/ui/Field";
import { t } from "../../../../i18n/wellbeing";
import type { Section, Value } from "../entry";
import { Contacts } from "./Contacts";
import { Items } from "./Items";
import { Links } from "./Links";
import { Marks } from "./Marks";
import { Skills } from "./Skills";

export interface FieldProps {
  section: Section;
  language: string;
  value: Value;
  labelledBy: string;
  onChange: (value: Value) => void;
}

interface Props {
  section: Section;
  language: string;
  value: Value | undefined;
  onChange: (value: Value) => void;
  level?: "h2" | "h3";
}

const KINDS = { items: Items, contacts: Contacts, marks: Marks, skills: Skills, links: Links };

// A part of a form: what it is called, what helps to fill it in, and the field that fits it.
export function SectionField({ section, language, value = {}, onChange, level = "h2" }: Props) {
  const id = useId();
  const Heading = level;
  return (
    <section aria-labelledby={id}>
      <div lang={language}>
        <Heading id={id} className="text-2xl">
          {section.title}
        </Heading>
        <p className="mt-1 mb-4 max-w-prose text-soft">{section.help}</p>
      </div>
      {section.kind === "text" ? (
        <TextArea
          label={section.title}
          hideLabel
          rows={4}
          maxLength={5000}
          value={value.text ?? ""}
          onChange={(event) => onChange({ text: event.target.value })}
        />
      ) : (
        <Other
          section={section}
          language={language}
          value={value}
          labelledBy={id}
          onChange={onChange}
        />
      )}
      {section.required && <p className="mt-2 text-soft text-sm">{t("form.needed")}</p>}
    </section>
  );
}

function Other(props: FieldProps) {
  const { kind } = props.section;
  if (kind === "text") return null;
  const Field = KINDS[kind];
  return <Field {...props} />;
}
