import { expect, test } from "vitest";
import { anthropic, endOf, limitOf, openai } from "./snippets";

test("each SDK is told its own address in two lines", () => {
  const here = "https://salus.example";
  expect(openai(here, "k").split("\n")).toHaveLength(2);
  expect(openai(here, "k")).toContain('base_url="https://salus.example/v1", api_key="k"');
  expect(anthropic(here, "k").split("\n")).toHaveLength(2);
  expect(anthropic(here, "k")).toContain('base_url="https://salus.example", api_key="k"');
});

test("a key ends after so many days, or never", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  expect(endOf(30, now)).toBe("2026-12-21T12:00:00.000Z");
  expect(endOf(0, now)).toBeUndefined();
});

test("a limit is a whole number or none", () => {
  expect(["", " ", "0", "12", "1.5", "-1", "x"].map(limitOf)).toEqual([
    undefined,
    undefined,
    0,
    12,
    undefined,
    undefined,
    undefined,
  ]);
});
