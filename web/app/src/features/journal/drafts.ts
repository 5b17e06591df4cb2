// What was typed and not yet kept: sealed on this device, gone when it is kept or discarded.
import * as sealed from "../../lib/sealed";
import type { Entry, EntryWrite, Mood } from "./api";
import { type Level, levelOf, scaleOf } from "./moods";

export interface Form {
  title: string;
  content: string;
  mood: Mood | "";
  // The number that was there stays as it is until another face is chosen.
  scale: number | undefined;
  tags: string[];
  favourite: boolean;
  occurredAt: string;
}

export interface Draft {
  form: Form;
  // The version that was changed; 0 for a new entry.
  base: number;
  savedAt: string;
}

export function emptyForm(now = new Date()): Form {
  return {
    title: "",
    content: "",
    mood: "",
    scale: undefined,
    tags: [],
    favourite: false,
    occurredAt: now.toISOString(),
  };
}

export function formOf(entry: Entry): Form {
  return {
    title: entry.title,
    content: entry.content,
    mood: entry.mood ?? "",
    scale: entry.scale ?? undefined,
    tags: entry.tags,
    favourite: entry.favourite,
    occurredAt: entry.occurred_at,
  };
}

export function writeOf(form: Form): EntryWrite {
  return {
    title: form.title.trim(),
    content: form.content,
    tags: form.tags,
    favourite: form.favourite,
    occurred_at: form.occurredAt,
    ...(form.mood && { mood: form.mood }),
    ...(form.scale !== undefined && { scale: form.scale }),
  };
}

export function faceOf(form: Form): Level | undefined {
  return form.scale === undefined ? undefined : levelOf(form.scale);
}

export function withFace(form: Form, level: Level): Form {
  return faceOf(form) === level ? form : { ...form, scale: scaleOf(level) };
}

export function isBlank(form: Form): boolean {
  return (
    !form.title.trim() &&
    !form.content.trim() &&
    !form.mood &&
    form.scale === undefined &&
    form.tags.length === 0
  );
}

export const same = (a: Form, b: Form): boolean => JSON.stringify(a) === JSON.stringify(b);

// One after the other: a draft that is still being sealed must not come back after it was dropped.
let last: Promise<unknown> = Promise.resolve();

function inOrder(act: () => Promise<void>): Promise<void> {
  const next = last.then(act, act);
  last = next.catch(() => undefined);
  return next;
}

export function keepDraft(owner: string, id: string, draft: Draft): Promise<void> {
  return inOrder(() => sealed.put(owner, `draft/${id}`, draft));
}

export function findDraft(owner: string, id: string): Promise<Draft | undefined> {
  return sealed.get<Draft>(owner, `draft/${id}`);
}

export function dropDraft(owner: string, id: string): Promise<void> {
  return inOrder(() => sealed.remove(owner, `draft/${id}`));
}

export async function allDrafts(owner: string): Promise<[string, Draft][]> {
  const found: [string, Draft][] = [];
  for (const name of await sealed.names(owner, "draft/")) {
    const draft = await sealed.get<Draft>(owner, name);
    if (draft) found.push([name.slice("draft/".length), draft]);
  }
  return found;
}
