// A worksheet as an entry of the journal.
import type { EntryWrite } from "../../journal/api";
import type { Skill } from "./library";

export type Sheet = Record<string, string | number | undefined>;

export function asEntry(skill: Skill, sheet: Sheet): EntryWrite {
  const parts = (skill.fields ?? []).flatMap((field) => {
    const value = sheet[field.id];
    const text = typeof value === "number" ? `${value} / 10` : value?.trim();
    return text ? [`${field.label}\n${text}`] : [];
  });
  return { title: skill.title, content: parts.join("\n\n") };
}
