import { expect, test } from "vitest";
import { asCsv, table } from "./counts";

const REPORT = {
  year: 2026,
  total: null,
  second_opinion: { asked: null, counts: [] },
  counts: [
    { source: "chat", level: "support", times: 40 },
    { source: "chat", level: "imminent", times: null },
    { source: "journal", level: "alert", times: 12 },
  ],
};

test("the counts of a year stand by place and level, and small ones are not told", () => {
  expect(table(REPORT)).toEqual([
    { source: "chat", counts: [40, undefined, null] },
    { source: "journal", counts: [undefined, 12, undefined] },
  ]);
});

test("the file says of a small count only that it is small", () => {
  expect(asCsv(REPORT)).toBe(
    "year,source,level,times\r\n2026,chat,support,40\r\n2026,chat,imminent,<11\r\n2026,journal,alert,12\r\n",
  );
});
