import { expect, test } from "vitest";
import {
  type Country,
  freeId,
  type Line,
  shownLines,
  withEmergency,
  withHidden,
  withLine,
  withoutLine,
} from "./change";

const line = (id: string): Line => ({
  id,
  name: id,
  needs: ["everyone"],
  call: "112",
  hours: "24/7",
  languages: ["de"],
  source: "https://example.org",
  checked: "2026-11-21",
  sure: true,
});
const built = { code: "AT", name: "Austria", emergency: ["144"], lines: [line("a"), line("b")] };
const country: Country = { built_in: built };

const after = (change: ReturnType<typeof withLine>): Country => ({
  built_in: built,
  change: { code: "AT", changed_at: "2026-11-21T00:00:00Z", put: [], remove: [], ...change },
});

test("a line of the installation stands first and in the place of the one of its name", () => {
  const changed = after(withLine(after(withLine(country, line("own-1"))), line("a")));
  expect(shownLines(changed).map(({ line, own }) => [line.id, own])).toEqual([
    ["a", true],
    ["own-1", true],
    ["b", false],
  ]);
  expect(freeId(changed)).toBe("own-2");
  const back = after(withoutLine(changed, "a"));
  expect(shownLines(back).map(({ line }) => line.id)).toEqual(["own-1", "a", "b"]);
});

test("a hidden line is known and can be shown again", () => {
  const changed = after(withHidden(country, "b", true));
  expect(changed.change?.remove).toEqual(["b"]);
  expect(shownLines(changed).at(-1)?.hidden).toBe(true);
  expect(withHidden(changed, "b", false).remove).toEqual([]);
  expect(withLine(changed, line("b")).remove).toEqual([]);
});

test("emergency numbers are read from a list, and other changes stay", () => {
  const changed = after(withLine(country, line("own-1")));
  const next = withEmergency(changed, "112, 144,");
  expect(next.emergency).toEqual(["112", "144"]);
  expect(next.put?.length).toBe(1);
});
