// The forms of crates/care, what is filled into them, and what of that can be kept.
import all, { type Form, type Section } from "virtual:forms";
import { careLanguage, careWords, type FormWords } from "../lang";

export type { Form, Section } from "virtual:forms";

export interface Contact {
  name: string;
  phone?: string | null;
}

export const LINKS = ["event", "thought", "feeling", "body", "action"] as const;

export interface Link {
  kind: (typeof LINKS)[number];
  text: string;
}

export interface Value {
  text?: string;
  items?: string[];
  contacts?: Contact[];
  marks?: Record<string, number>;
  skills?: Record<string, number>;
  links?: Link[];
}

export type Entry = Record<string, Value>;
export type FormName = "safety-plan" | "diary-card" | "chain-analysis";

// The form in a language, and the language it is in.
export function formOf(name: FormName, locale: string): Form & { language: string } {
  const form = all.find((one) => one.id === name);
  if (!form) throw new Error(`crates/care has no form ${name}`);
  const words = careWords(locale)?.forms[name];
  if (!words) return { ...form, language: "en" };
  const { title, about } = words;
  const sections = form.sections.map((section) => inWords(section, words));
  return { ...form, title, about, sections, language: careLanguage(locale) };
}

function inWords(section: Section, words: FormWords): Section {
  const { id } = section;
  const [title, help] = words.sections[id] ?? [section.title, section.help];
  const marks = section.marks?.map((mark) => ({
    ...mark,
    label: words.marks?.[id]?.[mark.id] ?? mark.label,
  }));
  return { ...section, title, help, marks, examples: words.examples?.[id] ?? section.examples };
}

// What the server gives back: anything that does not look like a value is left out.
export function entryOf(found: Record<string, unknown>): Entry {
  const pairs = Object.entries(found).filter(
    (pair): pair is [string, Value] => typeof pair[1] === "object" && pair[1] !== null,
  );
  return Object.fromEntries(pairs);
}

// Without empty lines, and without sections that nothing was put into.
export function clean(form: Form, entry: Entry): Entry {
  const kept: Entry = {};
  for (const section of form.sections) {
    const value = entry[section.id];
    const whole = value && tidy(section, value);
    if (whole) kept[section.id] = whole;
  }
  return kept;
}

function tidy(section: Section, value: Value): Value | undefined {
  switch (section.kind) {
    case "text": {
      const text = (value.text ?? "").trim();
      return text ? { text } : undefined;
    }
    case "items": {
      const items = (value.items ?? []).map((item) => item.trim()).filter(Boolean);
      return items.length > 0 ? { items } : undefined;
    }
    case "contacts": {
      const contacts = (value.contacts ?? [])
        .map(({ name, phone }) => ({ name: name.trim(), phone: phone?.trim() || null }))
        // Who has a number and no name is still somebody to call.
        .map(({ name, phone }) => ({ name: name || phone || "", phone }))
        .filter(({ name }) => name);
      return contacts.length > 0 ? { contacts } : undefined;
    }
    case "links": {
      const links = (value.links ?? [])
        .map(({ kind, text }) => ({ kind, text: text.trim() }))
        .filter(({ text }) => text);
      return links.length > 0 ? { links } : undefined;
    }
    case "marks":
      return value.marks && Object.keys(value.marks).length > 0
        ? { marks: value.marks }
        : undefined;
    case "skills":
      return value.skills && Object.keys(value.skills).length > 0
        ? { skills: value.skills }
        : undefined;
  }
}

export function isEmpty(form: Form, entry: Entry): boolean {
  return Object.keys(clean(form, entry)).length === 0;
}

// Sections without which the form cannot be kept.
export function missing(form: Form, entry: Entry): Section[] {
  const there = clean(form, entry);
  return form.sections.filter((section) => section.required && !there[section.id]);
}

export interface Call {
  mark: string;
  alert: boolean;
}

// What ratings of a section call for, at once and without asking anyone: the most urgent of them.
export function callOf(section: Section, rated: Record<string, number> = {}): Call | undefined {
  const calls = (section.marks ?? []).flatMap(({ id, crisis_from, show_help_from }): Call[] => {
    const value = rated[id] ?? -1;
    if (crisis_from !== undefined && value >= crisis_from) return [{ mark: id, alert: true }];
    if (show_help_from === undefined || value < show_help_from) return [];
    return [{ mark: id, alert: false }];
  });
  return calls.find((call) => call.alert) ?? calls[0];
}

// The same of a whole form.
export function urgeOf(form: Form, entry: Entry): "alert" | "support" | undefined {
  const calls = form.sections.map((section) => callOf(section, entry[section.id]?.marks));
  if (calls.some((call) => call?.alert)) return "alert";
  return calls.some(Boolean) ? "support" : undefined;
}

// Every word of it, for the engine that looks after what is being written.
export function wordsOf(entry: Entry): string {
  return Object.values(entry)
    .flatMap((value) => [
      value.text ?? "",
      ...(value.items ?? []),
      ...(value.links ?? []).map((link) => link.text),
    ])
    .filter(Boolean)
    .join("\n");
}
