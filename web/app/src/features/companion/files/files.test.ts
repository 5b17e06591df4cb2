import { describe, expect, test } from "vitest";
import { NoConversations, partsOf } from "./batches";
import { added } from "./takeIn";
import { isZip, NotAZip, textsInZip } from "./zip";

type Bytes = Uint8Array<ArrayBuffer>;
const bytesOf = (text: string): Bytes => new TextEncoder().encode(text);

function numbers(
  length: number,
  values: readonly [at: number, size: 2 | 4, value: number][],
): Bytes {
  const view = new DataView(new ArrayBuffer(length));
  for (const [at, size, value] of values) {
    if (size === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
  }
  return new Uint8Array(view.buffer);
}

async function packed(plain: Bytes): Promise<Bytes> {
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// A zip with these files; every second one packed, the others as they are.
async function zipOf(files: Record<string, string>, comment = ""): Promise<Blob> {
  const parts: Bytes[] = [];
  const list: Bytes[] = [];
  for (const [index, [name, text]] of Object.entries(files).entries()) {
    const method = index % 2 === 0 ? 8 : 0;
    const body = method === 8 ? await packed(bytesOf(text)) : bytesOf(text);
    const length = bytesOf(name).length;
    const offset = new Blob(parts).size;
    list.push(
      numbers(46, [
        [0, 4, 0x02014b50],
        [10, 2, method],
        [20, 4, body.length],
        [28, 2, length],
        [42, 4, offset],
      ]),
      bytesOf(name),
    );
    const head = numbers(30, [
      [0, 4, 0x04034b50],
      [8, 2, method],
      [26, 2, length],
      [28, 2, 4],
    ]);
    parts.push(head, bytesOf(name), new Uint8Array(4), body);
  }
  const end = numbers(22, [
    [0, 4, 0x06054b50],
    [12, 4, new Blob(list).size],
    [16, 4, new Blob(parts).size],
    [20, 2, comment.length],
  ]);
  return new Blob([...parts, ...list, end, bytesOf(comment)]);
}

describe("a zip", () => {
  const fits = (name: string) => name.endsWith("conversations.json");

  test("gives the files asked for, packed or not, whatever else is in it", async () => {
    const zip = await zipOf({
      "a/conversations.json": "[1, “ü”]",
      "picture.png": "\u0000\u0001",
      "b.txt": "other",
      "conversations.json": "[2]",
    });
    expect(await isZip(zip)).toBe(true);
    expect(await textsInZip(zip, fits)).toEqual(["[1, “ü”]", "[2]"]);
    const noted = await zipOf({ "conversations.json": "[]" }, "made by a program");
    expect(await textsInZip(noted, fits)).toEqual(["[]"]);
  });

  test("that is damaged says so, wherever it was cut", async () => {
    expect(await isZip(new Blob(["[]"]))).toBe(false);
    const whole = await zipOf({ "conversations.json": "[1, 2, 3]", "b.json": "x" });
    for (let length = 0; length < whole.size; length += 7) {
      await expect(textsInZip(whole.slice(0, length), fits)).rejects.toBeInstanceOf(Error);
    }
    await expect(textsInZip(new Blob(["PK nothing"]), fits)).rejects.toBeInstanceOf(NotAZip);
  });
});

describe("a file", () => {
  const chats = Array.from({ length: 9 }, (_, number) => ({ number, text: "ü".repeat(20) }));

  test("that is small goes as it is", () => {
    expect(partsOf(["no JSON at all"])).toEqual([{ text: "no JSON at all", before: 0 }]);
  });

  test("that is large goes in parts that hold everything once and in order", () => {
    for (const whole of [chats, { salus_conversations: 1, conversations: chats }]) {
      const parts = partsOf([JSON.stringify(whole)], 200);
      expect(parts.length).toBeGreaterThan(2);
      const lists = parts.map(({ text }) => {
        const part = JSON.parse(text);
        if (Array.isArray(part)) return part;
        expect(part.salus_conversations).toBe(1);
        return part.conversations;
      });
      expect(lists.flat()).toEqual(chats);
      expect(parts.map(({ before }) => before)).toEqual(
        lists.map((_, index) => lists.slice(0, index).flat().length),
      );
    }
  });

  test("in several pieces is one", () => {
    const parts = partsOf(["[1,2]", "[3]"]);
    expect(parts.map(({ text }) => text)).toEqual(["[1,2]", "[3]"]);
    expect(parts.map(({ before }) => before)).toEqual([0, 2]);
  });

  test("of something else is refused", () => {
    expect(() => partsOf(["{}", "[]"])).toThrow(NoConversations);
    expect(() => partsOf(["{", "[]"])).toThrow(NoConversations);
    expect(() => partsOf(["null"], 1)).toThrow(NoConversations);
  });
});

test("results of parts add up, and numbers are those of the whole file", () => {
  const first = { taken: 2, already_there: 1, rejected: [{ number: 3, reason: "a" }] };
  const second = { taken: 4, already_there: 0, rejected: [{ number: 1, reason: "b" }] };
  expect(added(first, second, 4)).toEqual({
    taken: 6,
    already_there: 1,
    rejected: [
      { number: 3, reason: "a" },
      { number: 5, reason: "b" },
    ],
  });
});
