// Files larger than the server takes at once, in parts that it does take.

// The server takes 32 MiB; some is left for what a part is wrapped in.
const PART_BYTES = 24 * 1024 * 1024;

export class NoConversations extends Error {}

export interface Part {
  text: string;
  // How many conversations stand before it in the whole.
  before: number;
}

// Each text is a file of ours or of ChatGPT. What fits goes as it is, unread; the server judges it.
export function partsOf(texts: readonly string[], most = PART_BYTES): Part[] {
  const parts: Part[] = [];
  let before = 0;
  for (const text of texts) {
    if (texts.length === 1 && bytes(text) <= most) return [{ text, before }];
    const { list, wrap } = conversationsOf(text);
    for (const group of groups(list, most)) {
      parts.push({ text: wrap(group), before });
      before += group.length;
    }
  }
  return parts;
}

function conversationsOf(text: string): { list: unknown[]; wrap: (list: string[]) => string } {
  const found: unknown = parsed(text);
  if (Array.isArray(found)) return { list: found, wrap: (list) => `[${list.join(",")}]` };
  const whole = found as { conversations?: unknown; salus_conversations?: unknown } | null;
  if (!whole || typeof whole !== "object" || !Array.isArray(whole.conversations)) {
    throw new NoConversations();
  }
  const version = JSON.stringify(whole.salus_conversations ?? null);
  const wrap = (list: string[]) =>
    `{"salus_conversations":${version},"conversations":[${list.join(",")}]}`;
  return { list: whole.conversations, wrap };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new NoConversations();
  }
}

function groups(list: readonly unknown[], most: number): string[][] {
  const found: string[][] = [];
  let group: string[] = [];
  let size = 0;
  for (const one of list) {
    const text = JSON.stringify(one);
    const more = bytes(text) + 1;
    if (group.length > 0 && size + more > most) {
      found.push(group);
      group = [];
      size = 0;
    }
    group.push(text);
    size += more;
  }
  if (group.length > 0) found.push(group);
  return found;
}

function bytes(text: string): number {
  return new Blob([text]).size;
}
