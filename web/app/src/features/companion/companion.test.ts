import { ApiFailure } from "@salus/api-client";
import { expect, test } from "vitest";
import { eventsOf, parseEvent } from "./events";
import {
  asMarkdown,
  besideAnswer,
  branch,
  endBelow,
  type Message,
  versions,
  withAnswer,
} from "./tree";

function message(id: string, parent_id: string | null, role: Message["role"] = "user"): Message {
  const created_at = "2026-11-21T00:00:00Z";
  return {
    id,
    parent_id,
    role,
    state: "done",
    content: id,
    reasoning: "",
    refused: false,
    memories: [],
    pictures: [],
    tools: [],
    created_at,
  };
}

//  a - b - c1 - d1
//        \ c2 - d2, d3
const TREE = [
  message("a", null),
  message("b", "a", "assistant"),
  message("c1", "b"),
  message("d1", "c1", "assistant"),
  message("c2", "b"),
  message("d2", "c2", "assistant"),
  message("d3", "c2", "assistant"),
];
const ids = (messages: readonly Message[]) => messages.map(({ id }) => id).join(" ");

test("a branch goes from the beginning to its end", () => {
  expect(ids(branch(TREE, "d1"))).toBe("a b c1 d1");
  expect(ids(branch(TREE, undefined))).toBe("a b c2 d3");
  expect(ids(branch(TREE, "nothing"))).toBe("a b c2 d3");
  expect(branch([], "a")).toEqual([]);
  expect(ids(branch([message("x", "y"), message("y", "x")], "x"))).toBe("y x");
});

test("versions stand beside each other, and each leads to its newest end", () => {
  const [, , c1, , c2, d2] = TREE;
  if (!c1 || !c2 || !d2) throw new Error("the tree");
  expect(ids(versions(TREE, c1))).toBe("c1 c2");
  expect(ids(versions(TREE, d2))).toBe("d2 d3");
  expect(endBelow(TREE, c1.id)).toBe("d1");
  expect(endBelow(TREE, c2.id)).toBe("d3");
});

test("an answer stands where it will be, before any list knows of it", () => {
  const sending = {
    text: "",
    reasoning: "",
    tools: [],
    state: "sending",
    words: "hello",
    parent: "d1",
  } as const;
  const { messages, leaf } = withAnswer(TREE, sending);
  expect(ids(branch(messages, leaf))).toBe("a b c1 d1 asked answer");
  const again = {
    text: "so",
    reasoning: "",
    tools: [],
    state: "writing",
    id: "d1",
    asked: "c1",
  } as const;
  const on = withAnswer(TREE, again);
  expect(on.messages.length).toBe(TREE.length);
  expect(branch(on.messages, on.leaf).at(-1)).toMatchObject({ content: "so", state: "running" });
  const failure = new ApiFailure(429, "QUOTA_EXCEEDED", "");
  const refused = withAnswer(TREE, { ...sending, state: "ended", failure });
  expect(ids(branch(refused.messages, refused.leaf))).toBe("a b c1 d1 asked");
});

test("what is heard of a tool stands in its answer, and until then what is stored", () => {
  const waits: Message["tools"][number] = {
    number: 1,
    tool: "recent_moods",
    touches: "own_data",
    arguments: "{}",
    state: "waiting",
    result: "",
    at: 0,
    may_always: true,
  };
  const ran = { ...waits, state: "done" as const };
  const stored = TREE.map((one) => (one.id === "d1" ? { ...one, tools: [waits] } : one));
  const answer = { text: "", reasoning: "", state: "writing", id: "d1", asked: "c1" } as const;
  for (const [heard, shown] of [
    [[], [waits]],
    [[ran], [ran]],
  ]) {
    const { messages } = withAnswer(stored, { ...answer, tools: heard ?? [] });
    expect(messages.at(-1)?.tools).toEqual(shown);
  }
});

test("words of help are told beside an answer, and once where they are the answer", () => {
  const help = "Please call somebody.\n";
  expect(besideAnswer(help, "Rain is water.")).toBe(help);
  expect(besideAnswer(help, "")).toBe(help);
  expect(besideAnswer(help, "Please call somebody.")).toBeUndefined();
  expect(besideAnswer(undefined, "Rain is water.")).toBeUndefined();
});

test("events are read however the bytes were cut", async () => {
  const text =
    ': hello\n\nid: 1\nevent: meta\ndata: {"a":"ü"}\n\nid: 2\nevent: delta\ndata: {"text":"x"}\n\nevent: d';
  const bytes = new TextEncoder().encode(text);
  for (const size of [1, 2, 7, bytes.length]) {
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.slice(at * size, (at + 1) * size),
    );
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const part of parts) controller.enqueue(part);
        controller.close();
      },
    });
    const found = [];
    for await (const event of eventsOf(stream)) found.push(event);
    expect(found).toEqual([
      { id: 1, name: "meta", data: { a: "ü" } },
      { id: 2, name: "delta", data: { text: "x" } },
    ]);
  }
  expect(parseEvent("event: x\ndata: {")).toBeUndefined();
});

test("a conversation leaves as text", () => {
  const text = asMarkdown("Rain", branch(TREE, "b"), "You");
  expect(text).toBe("# Rain\n\n**You**\n\na\n\n---\n\n**Salus**\n\nb\n");
});
