// Taking conversations in from a file, part by part, with word of how far it has come.
import type { Schemas } from "@salus/api-client";
import { upload } from "../../../lib/upload";
import { NoConversations, type Part, partsOf } from "./batches";
import { isZip, NotAZip, textsInZip } from "./zip";

export type Result = Schemas["ConversationImport"];
export type Progress = { step: "reading" } | { step: "sending" | "keeping"; done: number };

// A part of a ChatGPT export is called conversations.json or, in several, conversations-000.json.
const IN_ZIP = /(?:^|\/)conversations(?:-\d+)?\.json$/;

export class Interrupted extends Error {
  constructor(
    readonly soFar: Result,
    override readonly cause: unknown,
  ) {
    super("the import broke off");
  }
}

export async function takeIn(file: File, tell: (progress: Progress) => void): Promise<Result> {
  tell({ step: "reading" });
  const parts = partsOf(await textsOf(file));
  let result: Result = { taken: 0, already_there: 0, rejected: [] };
  for (const [index, part] of parts.entries()) {
    try {
      result = added(result, await send(part, index, parts.length, tell), part.before);
    } catch (error) {
      if (parts.length === 1) throw error;
      throw new Interrupted(result, error);
    }
  }
  return result;
}

async function textsOf(file: File): Promise<string[]> {
  if (!(await isZip(file))) return [await file.text()];
  try {
    const texts = await textsInZip(file, (name) => IN_ZIP.test(name));
    if (texts.length > 0) return texts;
  } catch (error) {
    if (!(error instanceof NotAZip || error instanceof TypeError)) throw error;
  }
  throw new NoConversations();
}

function send(
  part: Part,
  index: number,
  count: number,
  tell: (progress: Progress) => void,
): Promise<Result> {
  const body = new Blob([part.text], { type: "application/json" });
  return upload<Result>("/api/conversations/import", body, (sent) => {
    const done = (index + sent) / count;
    tell(sent < 1 ? { step: "sending", done } : { step: "keeping", done });
  });
}

export function added(all: Result, more: Result, before: number): Result {
  const moved = more.rejected.map(({ number, reason }) => ({ number: number + before, reason }));
  return {
    taken: all.taken + more.taken,
    already_there: all.already_there + more.already_there,
    rejected: [...all.rejected, ...moved],
  };
}
