import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Engine } from "../src/index.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const EXAMPLES = join(ROOT, "data/crisis/examples");
const NATIVE = join(ROOT, "target/release/examples/answers");

let engine;

beforeAll(async () => {
  engine = await Engine.load(readFileSync(join(import.meta.dirname, "../engine.wasm")));
});

/** What the engine that was built for this machine answers. */
function native(requests) {
  const input = `${requests.join("\n")}\n`;
  const answers = execFileSync(NATIVE, { input, maxBuffer: 1 << 28, encoding: "utf8" });
  return answers.trimEnd().split("\n");
}

function examples() {
  return readdirSync(EXAMPLES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith(".jsonl"))
    .flatMap((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
}

/** The first that differs by its number: words of examples are not printed. */
function firstDifference(requests) {
  const wanted = native(requests);
  expect(wanted).toHaveLength(requests.length);
  return requests.findIndex((request, number) => engine.answer(request) !== wanted[number]);
}

describe("the engine in a browser", () => {
  it("answers every example as the engine of the server does, to the last digit", () => {
    const requests = examples().map(({ text, lang, history }) =>
      JSON.stringify({ text, language: lang, before: history ?? [] }),
    );
    expect(requests.length).toBeGreaterThan(10_000);
    expect(firstDifference(requests)).toBe(-1);
  }, 60_000);

  it("answers what nobody would write as the engine of the server does", () => {
    const texts = [
      "",
      " ",
      "\0",
      "💊".repeat(3000),
      "ﷺ".repeat(999),
      "a\u0301".repeat(5000),
      "I\n".repeat(40_000),
    ];
    const memory = { level: 8.5, asked: "plan", denials: 255 };
    const requests = texts.flatMap((text) => [
      JSON.stringify({ text }),
      JSON.stringify({ text, language: "no such language", memory }),
    ]);
    expect(firstDifference([...requests, "{}", "[]", "no JSON", '{"text":7}'])).toBe(-1);
  });

  it("goes on after a request that is none", () => {
    expect(() => engine.assess({ text: 7 })).toThrow("not a request");
    expect(engine.assess({ text: "What a lovely morning" }).alert).toBe(false);
  });

  it("remembers a conversation from message to message", () => {
    const first = engine.assess({ text: "I want to kill myself tonight" });
    expect(first.alert).toBe(true);
    const next = engine.assess({ text: "whatever", memory: first.memory });
    expect(next.level).toBeGreaterThan(engine.assess({ text: "whatever" }).level);
  });
});
