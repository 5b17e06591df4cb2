// Days of diary cards, in weeks that begin on Monday.
import { addDays, dayOf } from "../../../lib/dates";
import type { Filled } from "../api";
import { type Entry, entryOf, type Form, type Section } from "./entry";

export function mondayOf(day: Date): Date {
  return addDays(day, -((day.getDay() + 6) % 7));
}

export function weekOf(day: Date): Date[] {
  const monday = mondayOf(day);
  return Array.from({ length: 7 }, (_, at) => addDays(monday, at));
}

// The newest card of each day, by the day where the person is.
export function byDay(cards: readonly Filled[]): Map<string, Filled> {
  const days = new Map<string, Filled>();
  for (const card of cards) {
    const day = dayOf(new Date(card.occurred_at));
    const other = days.get(day);
    if (!other || other.updated_at < card.updated_at) days.set(day, card);
  }
  return days;
}

export interface Row {
  id: string;
  label: string;
  values: (number | undefined)[];
}

// A section of a week: each mark of the form, and the person's own, with its value on each day.
// What was not rated all week has no row.
export function rowsOf(section: Section, entries: readonly (Entry | undefined)[]): Row[] {
  const of = (entry: Entry | undefined) => entry?.[section.id]?.marks ?? {};
  const own = entries.flatMap((entry) => Object.keys(of(entry)));
  const known = section.marks ?? [];
  const ids = [...new Set([...known.map((mark) => mark.id), ...own])];
  return ids
    .map((id) => ({
      id,
      label: known.find((mark) => mark.id === id)?.label ?? id,
      values: entries.map((entry) => of(entry)[id]),
    }))
    .filter((row) => row.values.some((value) => value !== undefined));
}

export function weekEntries(days: readonly Date[], cards: Map<string, Filled>) {
  return days.map((day) => {
    const card = cards.get(dayOf(day));
    return card ? entryOf(card.entry) : undefined;
  });
}

export function marked(form: Form): Section[] {
  return form.sections.filter((section) => section.kind === "marks");
}

// The moment a card of that day is about: now for today, the evening for a day that is gone.
export function momentOf(day: Date, now: Date): string {
  if (dayOf(day) === dayOf(now)) return now.toISOString();
  return new Date(day.getFullYear(), day.getMonth(), day.getDate(), 20).toISOString();
}
