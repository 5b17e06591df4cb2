import all from "virtual:crisis-lines";
import { beforeAll, expect, test, vi } from "vitest";
import { read } from "./changed";
import {
  bestFirst,
  byNeed,
  COUNTRIES,
  dial,
  emergencyNumbers,
  guessCountry,
  sms,
  withChanged,
} from "./resources";

// Nothing is changed on this device.
beforeAll(() => vi.stubGlobal("localStorage", { getItem: () => null }));

test("the country is the one chosen, else that of the clock, else that of a language", () => {
  expect(guessCountry("IE", "Europe/Vienna", ["en-US"])).toBe("IE");
  expect(guessCountry("", "Europe/Vienna", ["en-US"])).toBe("AT");
  expect(guessCountry("", "Etc/UTC", ["en", "de-DE"])).toBe("DE");
  expect(guessCountry("", "Etc/UTC", ["zh-Hant-TW"])).toBe("TW");
  expect(guessCountry("", "Etc/UTC", ["xx"])).toBeUndefined();
});

test("every country has an emergency number, and every line a way to be reached", () => {
  expect(COUNTRIES.length).toBeGreaterThanOrEqual(98);
  for (const country of COUNTRIES) {
    for (const number of emergencyNumbers(country))
      expect(dial(number)).toMatch(/^tel:[\d*#]{2,}$/);
    expect(emergencyNumbers(country).length, country).toBeGreaterThan(0);
    for (const line of all.lines[country] ?? []) {
      expect(line.call ?? line.text ?? line.chat ?? line.whatsapp, line.id).toBeTruthy();
      if (line.call) expect(dial(line.call), line.id).toMatch(/^tel:[\d+*#]{2,}$/);
      if (line.text) expect(sms(line.text, line.keyword), line.id).toMatch(/^sms:\d{3,}/);
      expect(line.source).toMatch(/^https:/);
    }
  }
  expect(emergencyNumbers(undefined)).toEqual([]);
});

test("each line stands once, those for everyone first", () => {
  for (const country of COUNTRIES) {
    const lines = all.lines[country] ?? [];
    const shown = byNeed(lines).flatMap(([, found]) => found);
    expect(new Set(shown)).toEqual(new Set(lines));
    expect(shown.length).toBe(lines.length);
  }
});

test("a line that never closes comes before one that does, and a known language helps", () => {
  const best = bestFirst(all.lines.BE ?? [], "fr").filter((line) =>
    line.needs.includes("everyone"),
  );
  expect(best[0]?.languages).toContain("fr");
  const hours = bestFirst(all.lines.GB ?? [], "en").map((line) => line.hours === "24/7");
  expect(hours).toEqual([...hours].sort((a, b) => Number(b) - Number(a)));
});

test("a text carries its keyword", () => {
  expect(sms("741 741", "HOME")).toBe("sms:741741?&body=HOME");
  expect(sms("988", undefined)).toBe("sms:988");
});

test("what an installation changed stands in the place of what is built in, if it can be read", () => {
  const line = { id: "house", name: "House", needs: ["everyone"], call: "112", text: null };
  const kept = { AT: { code: "AT", name: "Austria", emergency: ["112"], lines: [line] } };
  const changed = read(JSON.stringify(kept));
  const lists = withChanged(all, changed);
  expect(lists.lines.AT?.map(({ id }) => id)).toEqual(["house"]);
  expect(lists.lines.AT?.[0]).not.toHaveProperty("text");
  expect(lists.lines.DE).toEqual(all.lines.DE);
  for (const bad of [null, "", "7", "[]", "{", '{"AT":null}', '{"AT":{"lines":[]}}'])
    expect(read(bad)).toEqual({});
});
