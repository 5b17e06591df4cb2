import { expect, test } from "vitest";
import { ago } from "./dates";

test("how long ago something was is said in the largest unit that it fills", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  const before = (seconds: number) => ago(new Date(now.getTime() - seconds * 1000), now);
  expect(before(5)).toBe("this minute");
  expect(before(59 * 60)).toBe("59 minutes ago");
  expect(before(3 * 3600 + 10)).toBe("3 hours ago");
  expect(before(26 * 3600)).toBe("yesterday");
  expect(before(-3 * 86_400)).toBe("in 3 days");
});
