// Server-sent events out of the body of an answer, as they come.

export interface ServerEvent {
  id: number | undefined;
  name: string;
  data: unknown;
}

export async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += decoder.decode(value, { stream: true });
      const whole = rest.split("\n\n");
      rest = whole.pop() ?? "";
      for (const text of whole) {
        const event = parseEvent(text);
        if (event) yield event;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

// Comments, which only keep a connection open, and what cannot be read are no events.
export function parseEvent(text: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const found = line.match(/^(\w+): ?(.*)$/);
    if (found?.[1]) fields.set(found[1], found[2] ?? "");
  }
  const [name, data, id] = [fields.get("event"), fields.get("data"), fields.get("id")];
  if (!name || data === undefined) return undefined;
  try {
    return { id: id ? Number(id) : undefined, name, data: JSON.parse(data) };
  } catch {
    return undefined;
  }
}
