import type { ReactNode } from "react";
import { Icon } from "../../../components/ui/Icon";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { dial } from "../../crisis/resources";
import { skillOf } from "../skills/library";
import type { Contact, Entry, Form, Section, Value } from "./entry";

interface Props {
  form: Form & { language: string };
  entry: Entry;
  level?: "h2" | "h3";
}

// A form as it reads: only what was filled in, numbers to be tapped.
export function FormRead({ form, entry, level: Heading = "h2" }: Props) {
  return (
    <ol className="grid gap-4 print:gap-2">
      {form.sections.map((section) => {
        const value = entry[section.id];
        if (!value) return null;
        return (
          <li
            key={section.id}
            className="break-inside-avoid rounded-card border border-line bg-surface p-5 print:border-0 print:p-0 print:py-2"
          >
            <Heading className="mb-2 text-xl" lang={form.language}>
              {section.title}
            </Heading>
            <Shown section={section} value={value} />
          </li>
        );
      })}
    </ol>
  );
}

function Shown({ section, value }: { section: Section; value: Value }): ReactNode {
  switch (section.kind) {
    case "text":
      return <p className="whitespace-pre-wrap">{value.text}</p>;
    case "items":
      return <List items={value.items ?? []} />;
    case "contacts":
      return <People contacts={value.contacts ?? []} />;
    case "links":
      return (
        <ol className="grid gap-2 border-brand-soft border-l-4 pl-4">
          {value.links?.map((link) => (
            <li key={link.kind + link.text}>
              <span className="block text-soft text-sm">{t(`link.${link.kind}`)}</span>
              {link.text}
            </li>
          ))}
        </ol>
      );
    case "marks":
      return <Rated rated={value.marks ?? {}} name={(id) => labelOf(section, id)} />;
    case "skills":
      return (
        <Rated
          rated={value.skills ?? {}}
          name={(id) => skillOf(id, currentLocale())?.title ?? id}
        />
      );
  }
}

function labelOf(section: Section, id: string): string {
  return section.marks?.find((mark) => mark.id === id)?.label ?? id;
}

function List({ items }: { items: readonly string[] }) {
  return (
    <ul className="grid gap-1.5">
      {items.map((item) => (
        <li key={item} className="flex gap-2.5">
          <span aria-hidden="true" className="mt-2.5 size-1.5 shrink-0 rounded-full bg-brand" />
          {item}
        </li>
      ))}
    </ul>
  );
}

function People({ contacts }: { contacts: readonly Contact[] }) {
  return (
    <ul className="grid gap-2">
      {contacts.map((contact) => (
        <li
          key={contact.name + contact.phone}
          className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1"
        >
          <span>{contact.name}</span>
          {contact.phone && contact.phone !== contact.name && <Call number={contact.phone} />}
          {contact.phone === contact.name && <Call number={contact.name} />}
        </li>
      ))}
    </ul>
  );
}

function Call({ number }: { number: string }) {
  return (
    <a
      href={dial(number)}
      className="inline-flex min-h-11 items-center gap-2 rounded-full bg-care-soft px-4 font-semibold text-care print:bg-transparent print:px-0"
    >
      <Icon name="phone" className="size-5 print:hidden" />
      <span className="sr-only">{t("crisis.callNumber", { number })}</span>
      <span aria-hidden="true">{number}</span>
    </a>
  );
}

function Rated({ rated, name }: { rated: Record<string, number>; name: (id: string) => string }) {
  return (
    <ul className="grid gap-1">
      {Object.entries(rated).map(([id, value]) => (
        <li key={id} className="flex justify-between gap-4">
          {name(id)}
          <span className="font-semibold tabular-nums">{value}</span>
        </li>
      ))}
    </ul>
  );
}
