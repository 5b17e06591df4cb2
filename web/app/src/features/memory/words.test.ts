import { expect, test } from "vitest";
import { fits, left } from "./words";

test("characters are counted as the server counts them", () => {
  expect(left("")).toBe(500);
  expect(left("  bees 🐝 ")).toBe(494);
  expect(left("🐝".repeat(500))).toBe(0);
});

test("a fact has words and a bound", () => {
  expect(fits("  \n")).toBe(false);
  expect(fits("I keep bees.")).toBe(true);
  expect(fits("x".repeat(500))).toBe(true);
  expect(fits("x".repeat(501))).toBe(false);
});
