import { useEffect, useRef, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { t } from "../../../i18n/wellbeing";
import { DraftCare } from "../../crisis/DraftCare";
import { Progress } from "../questionnaires/OneByOne";
import { Below } from "./Below";
import { type Form, isEmpty, missing, wordsOf } from "./entry";
import { SectionField } from "./fields/SectionField";
import type { FillingState } from "./useForm";

interface Props {
  form: Form & { language: string };
  filling: FillingState;
  onLeave: () => void;
}

// A form in steps: one part at a time, in any order, and whoever has enough for today can stop.
export function Guided({ form, filling, onLeave }: Props) {
  const [at, setAt] = useState(0);
  const { entry, setEntry } = filling;
  const section = form.sections[at];
  const box = useRef<HTMLDivElement>(null);
  const before = useRef(at);
  useEffect(() => {
    if (before.current !== at) box.current?.focus();
    before.current = at;
  }, [at]);
  if (!section) return null;
  const last = at === form.sections.length - 1;
  const needed = missing(form, entry);
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <Card>
        <Progress at={at} count={form.sections.length} />
        <div ref={box} tabIndex={-1} className="outline-none">
          <SectionField
            key={section.id}
            section={section}
            language={form.language}
            value={entry[section.id]}
            onChange={(value) => setEntry({ ...entry, [section.id]: value })}
          />
        </div>
        <div className="mt-6 flex flex-wrap justify-between gap-2">
          <Button disabled={at === 0} onClick={() => setAt(at - 1)}>
            {t("asks.previous")}
          </Button>
          {!last && (
            <Button kind={needed.length > 0 ? "primary" : "plain"} onClick={() => setAt(at + 1)}>
              {t("asks.next")}
            </Button>
          )}
        </div>
      </Card>
      <DraftCare text={wordsOf(entry)} />
      <Parts form={form} at={at} onGo={setAt} />
      <Below
        filling={filling}
        blocked={needed.length > 0 || isEmpty(form, entry)}
        why={
          needed.length > 0
            ? t("form.still", { parts: needed.map((one) => one.title).join(", ") })
            : ""
        }
        onLeave={onLeave}
      />
    </div>
  );
}

interface PartsProps {
  form: Form & { language: string };
  at: number;
  onGo: (at: number) => void;
}

function Parts({ form, at, onGo }: PartsProps) {
  return (
    <nav aria-label={t("form.parts")}>
      <ol className="flex flex-wrap gap-2" lang={form.language}>
        {form.sections.map((section, index) => (
          <li key={section.id}>
            <button
              type="button"
              aria-current={index === at ? "step" : undefined}
              onClick={() => onGo(index)}
              className="min-h-9 cursor-pointer rounded-full border border-edge bg-surface px-3.5 py-1 text-left text-sm transition-colors hover:bg-sunken aria-[current]:border-brand aria-[current]:bg-brand-soft"
            >
              {section.title}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
