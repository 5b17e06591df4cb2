// Whom to call where: the lists of crates/care, which are part of the app and need no network. The
// place is guessed from what the browser tells anyway, can be changed, and stays on the device.

import type { Line, Need } from "virtual:crisis-lines";
import numbers from "virtual:emergency-numbers";
import { useEffect, useMemo, useState } from "react";
import { type Changed, changedLines, useChangedLines } from "./changed";

export const COUNTRIES: readonly string[] = Object.keys(numbers).sort();

// Those that are built in and those that this installation has added.
export function allCountries(changed: Changed): string[] {
  return [...new Set([...COUNTRIES, ...Object.keys(changed)])].sort();
}

const REMEMBERED = "salus.place";
const OTHER = "-";

export type Lists = typeof import("virtual:crisis-lines").default;

export function emergencyNumbers(country: string | undefined): readonly string[] {
  return (country && (changedLines()[country]?.emergency ?? numbers[country])) || [];
}

// The country that was chosen on this device, else where its clock is set, else of its languages.
export function currentCountry(): string | undefined {
  const chosen = localStorage.getItem(REMEMBERED);
  if (chosen === OTHER) return undefined;
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return guessCountry(chosen ?? "", zone, navigator.languages);
}

export function rememberCountry(country: string): void {
  localStorage.setItem(REMEMBERED, country || OTHER);
}

export function guessCountry(
  chosen: string,
  zone: string,
  languages: readonly string[],
): string | undefined {
  if (emergencyNumbers(chosen).length > 0) return chosen;
  const regions = languages
    .map((tag) => tag.split("-").find((part) => /^[A-Z]{2}$/.test(part)) ?? "")
    .filter((region) => emergencyNumbers(region).length > 0);
  // Mostly one of the languages is that of the place, and asking for all zones takes its time.
  const here = [...regions, ...COUNTRIES].find((country) => zonesOf(country).includes(zone));
  return here ?? regions[0];
}

// Browsers know the time zones of a country; one that does not lets the languages speak.
function zonesOf(country: string): readonly string[] {
  const locale = new Intl.Locale(`und-${country}`) as Intl.Locale & {
    getTimeZones?: () => string[] | undefined;
    timeZones?: string[];
  };
  return locale.getTimeZones?.() ?? locale.timeZones ?? [];
}

// Undefined while they are read, which needs no network once the app has been here.
export function useLists(): Lists | undefined {
  const [lists, setLists] = useState<Lists>();
  useEffect(() => {
    void import("virtual:crisis-lines").then(
      (part) => setLists(part.default),
      () => setLists({ lines: {}, directories: [] }),
    );
  }, []);
  const changed = useChangedLines();
  return useMemo(() => lists && withChanged(lists, changed), [lists, changed]);
}

// What this installation has changed stands in the place of what is built in.
export function withChanged(lists: Lists, changed: Changed): Lists {
  const own = Object.entries(changed).map(([code, { lines }]) => [code, lines.map(plain)]);
  return { ...lists, lines: { ...lists.lines, ...Object.fromEntries(own) } };
}

function plain(line: Changed[string]["lines"][number]): Line {
  const { call, text, keyword, whatsapp, chat, note, ...rest } = line;
  const ways = Object.entries({ call, text, keyword, whatsapp, chat, note });
  return { ...rest, ...Object.fromEntries(ways.filter(([, way]) => way)) };
}

const ALWAYS = "24/7";

export const isAlwaysOpen = (line: Line): boolean => line.hours === ALWAYS;

// Those that never close first, then those we are surest of, then those of the person's language;
// the same order as in crates/care.
export function bestFirst(lines: readonly Line[], language: string): Line[] {
  const rank = (line: Line) =>
    (isAlwaysOpen(line) ? 0 : 4) +
    (line.sure ? 0 : 2) +
    (line.languages.includes(language) ? 0 : 1);
  return [...lines].sort((a, b) => rank(a) - rank(b));
}

const NEEDS: readonly Need[] = ["everyone", "youth", "violence", "lgbtq", "veterans"];

// Each line once: with those for everyone if it is for everyone, else with the first of its needs.
export function byNeed(lines: readonly Line[]): [Need, Line[]][] {
  const first = (line: Line) => NEEDS.find((need) => line.needs.includes(need));
  return NEEDS.map((need): [Need, Line[]] => [
    need,
    lines.filter((line) => first(line) === need),
  ]).filter(([, found]) => found.length > 0);
}

export const dial = (number: string): string => `tel:${number.replace(/[^\d+*#]/g, "")}`;

// The one form of a text with words in it that both Android and iOS understand.
export function sms(number: string, keyword: string | undefined): string {
  const to = `sms:${number.replace(/[^\d+]/g, "")}`;
  return keyword ? `${to}?&body=${encodeURIComponent(keyword)}` : to;
}
