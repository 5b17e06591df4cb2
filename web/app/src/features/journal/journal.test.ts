import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import {
  allDrafts,
  dropDraft,
  emptyForm,
  faceOf,
  formOf,
  isBlank,
  keepDraft,
  withFace,
  writeOf,
} from "./drafts";
import { formatOf } from "./files";
import { monthMarks, yearCells } from "./insights/grid";
import { LEVELS, levelOf, parseTags, scaleOf, toggled } from "./moods";
import { sameDays } from "./onThisDay";

const ENTRY = {
  id: "0",
  version: 3,
  title: "T",
  content: "C",
  tags: ["a"],
  favourite: true,
  mood: "calm" as const,
  scale: 1,
  occurred_at: "2026-01-02T03:04:05Z",
  created_at: "2026-01-02T03:04:05Z",
  updated_at: "2026-01-02T03:04:05Z",
};

test("every face is where its number puts it, and the order is kept", () => {
  for (const level of LEVELS) expect(levelOf(scaleOf(level))).toBe(level);
  const all = Array.from({ length: 11 }, (_, index) => levelOf(index - 5));
  expect(all).toEqual([...all].sort());
});

test("tags are what people mean by them", () => {
  expect(parseTags(" sleep, #work ,, sleep\n## big walk ")).toEqual(["sleep", "work", "big walk"]);
  expect(parseTags("x".repeat(60))[0]).toHaveLength(40);
  expect(parseTags(Array.from({ length: 30 }, (_, index) => `t${index}`).join())).toHaveLength(20);
  expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  expect(toggled(["a"], "b")).toEqual(["a", "b"]);
});

test("an entry goes through the form unchanged", () => {
  const written = writeOf(formOf(ENTRY));
  expect(written).toEqual({
    title: "T",
    content: "C",
    tags: ["a"],
    favourite: true,
    mood: "calm",
    scale: 1,
    occurred_at: ENTRY.occurred_at,
  });
});

test("choosing the face that is there keeps the exact number", () => {
  const form = formOf(ENTRY);
  const level = faceOf(form);
  expect(level && withFace(form, level).scale).toBe(1);
  expect(withFace(form, 5).scale).toBe(scaleOf(5));
});

test("a form with nothing in it is not worth keeping", () => {
  expect(isBlank(emptyForm())).toBe(true);
  expect(isBlank(formOf(ENTRY))).toBe(false);
});

test("a year is 365 days in weeks that begin on Monday", () => {
  const cells = yearCells(new Date(2026, 10, 21));
  expect(cells).toHaveLength(365);
  expect(cells.at(-1)?.date).toBe("2026-11-21");
  expect(new Set(cells.map((cell) => cell.date)).size).toBe(365);
  for (const cell of cells) expect((cell.day.getDay() + 6) % 7).toBe(cell.weekday);
  expect(cells.at(-1)?.week).toBeLessThanOrEqual(53);
  expect(monthMarks(cells)).toHaveLength(12);
});

test("the format of a file is in its name", () => {
  expect(formatOf("a.CSV")).toBe("csv");
  expect(formatOf("a.md")).toBe("markdown");
  expect(formatOf("journal")).toBe("json");
});

test("the same day of other months and years is only one that there was", () => {
  const on = (day: Date) => sameDays(day).map((one) => one.toDateString().slice(4));
  expect(on(new Date(2026, 10, 21)).slice(0, 2)).toEqual(["Oct 21 2026", "Nov 21 2025"]);
  expect(on(new Date(2026, 6, 31))[0]).toBe("Jul 31 2025");
  expect(on(new Date(2028, 1, 29))).toEqual(["Jan 29 2028", "Feb 29 2024"]);
});

test("a draft that was dropped does not come back", async () => {
  const draft = { form: emptyForm(), base: 0, savedAt: "2026-11-21T00:00:00Z" };
  await Promise.all([keepDraft("me", "new", draft), dropDraft("me", "new")]);
  expect(await allDrafts("me")).toEqual([]);
});
