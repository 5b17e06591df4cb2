// The tools that a model asked for while it wrote an answer.
import type { Schemas } from "@salus/api-client";

export type Use = Schemas["ToolUse"];
export type Piece = { text: string } | { use: Use };

// How far each use has come: what is heard last of one takes the place of what was heard before.
export function withUse(uses: readonly Use[], use: Use): Use[] {
  const others = uses.filter((one) => one.number !== use.number);
  return [...others, use].sort((one, other) => one.number - other.number);
}

// The words of an answer with each use at the place where it was asked for. Places are counted in
// bytes, as the server counts.
export function pieces(content: string, uses: readonly Use[]): Piece[] {
  const bytes = new TextEncoder().encode(content);
  const found: Piece[] = [];
  let from = 0;
  const say = (to: number) => {
    const text = new TextDecoder().decode(bytes.subarray(from, to));
    if (text.trim()) found.push({ text });
    from = Math.max(from, to);
  };
  for (const use of uses) {
    say(use.at);
    found.push({ use });
  }
  say(bytes.length);
  return found;
}

// Nothing goes on in an answer that has ended, however it did.
export function stateOf(use: Use, running: boolean): Use["state"] {
  if (running) return use.state;
  if (use.state === "waiting") return "expired";
  return use.state === "running" ? "failed" : use.state;
}

// The sentence that would be remembered: a person agrees to it and no other.
export function proposed(use: Use): string | undefined {
  if (use.tool !== "remember") return undefined;
  const fact = read(use.arguments)?.fact;
  return typeof fact === "string" ? fact : undefined;
}

// What the model wrote for a tool, for people to read.
export function readable(text: string): string {
  const found = read(text);
  return found ? JSON.stringify(found, null, 2) : text;
}

// A tool of another server is asked for by the names of both.
export function nameOf(tool: string): { name: string; server: string | undefined } {
  const at = tool.indexOf("__");
  if (at < 1) return { name: tool, server: undefined };
  return { name: tool.slice(at + 2), server: tool.slice(0, at) };
}

function read(text: string): Record<string, unknown> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return found && typeof found === "object" ? (found as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
