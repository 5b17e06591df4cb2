// How messages hang together: each follows another, and where several follow the same one, there
// are branches to choose from.
import type { Schemas } from "@salus/api-client";
import type { Answer } from "./answers";

export type Message = Schemas["Message"];

// From the beginning to this message; to the newest one if it is not there.
export function branch(messages: readonly Message[], leaf: string | null | undefined): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  let at = (leaf ? byId.get(leaf) : undefined) ?? messages.at(-1);
  const found: Message[] = [];
  const seen = new Set<string>();
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    found.push(at);
    at = at.parent_id ? byId.get(at.parent_id) : undefined;
  }
  return found.reverse();
}

// This message and those that stand in its place on other branches, oldest first.
export function versions(messages: readonly Message[], of: Message): Message[] {
  const parent = of.parent_id ?? undefined;
  return messages.filter((one) => (one.parent_id ?? undefined) === parent && one.role === of.role);
}

// The end of the branch below a message that was used last.
export function endBelow(messages: readonly Message[], id: string): string {
  let at = id;
  const seen = new Set<string>();
  while (!seen.has(at)) {
    seen.add(at);
    at = messages.findLast((message) => message.parent_id === at)?.id ?? at;
  }
  return at;
}

export function asMarkdown(title: string, messages: readonly Message[], you: string): string {
  const parts = messages.map(
    ({ role, content }) => `**${role === "user" ? you : "Salus"}**\n\n${content}`,
  );
  return `# ${title}\n\n${parts.join("\n\n---\n\n")}\n`;
}

// What was said beside an answer that was being written already. Where help came first, the words are
// the answer itself.
export function besideAnswer(
  raised: string | null | undefined,
  content: string,
): string | undefined {
  return raised && !content.startsWith(raised.trim()) ? raised : undefined;
}

// The messages with the answer that is being written among them, and where that branch ends.
export function withAnswer(
  messages: readonly Message[],
  answer: Answer | undefined,
): { messages: Message[]; leaf: string | undefined } {
  const all = [...messages];
  if (!answer) return { messages: all, leaf: undefined };
  const asked = answer.asked ?? "asked";
  const created_at = new Date().toISOString();
  const nothing = { reasoning: "", refused: false, memories: [], pictures: [], tools: [] };
  const plain = { ...nothing, state: "done" as const, created_at };
  if (answer.words !== undefined && !all.some((message) => message.id === asked)) {
    const parent_id = answer.parent ?? null;
    all.push({ ...plain, id: asked, parent_id, role: "user", content: answer.words });
  }
  if (answer.failure && !answer.id && !answer.text) return { messages: all, leaf: asked };
  const id = answer.id ?? "answer";
  const stored = all.find((message) => message.id === id);
  const written: Message = {
    ...plain,
    parent_id: asked,
    role: "assistant",
    ...stored,
    id,
    state: answer.state === "ended" ? (stored?.state ?? "done") : "running",
    content: answer.text || stored?.content || "",
    reasoning: answer.reasoning || stored?.reasoning || "",
    tools: answer.tools.length > 0 ? [...answer.tools] : (stored?.tools ?? []),
    ...(answer.notice && { notice: answer.notice }),
    ...(answer.safety && { safety: { level: 0, rules: [], contacts: [], ...answer.safety } }),
  };
  return { messages: [...all.filter((message) => message.id !== id), written], leaf: id };
}
