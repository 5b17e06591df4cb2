// Days and words for them, where the person is.

export function dayOf(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

export function parseDay(day: string): Date {
  const [year = 1970, month = 1, date = 1] = day.split("-").map(Number);
  return new Date(year, month - 1, date);
}

export function addDays(day: Date, count: number): Date {
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + count);
}

// Minutes that the clock here is ahead of UTC, as the API counts them.
export function offsetMinutes(moment: Date = new Date()): number {
  return -moment.getTimezoneOffset();
}

export function partOfDay(moment: Date): "morning" | "afternoon" | "evening" | "night" {
  const hour = moment.getHours();
  if (hour < 5) return "night";
  if (hour < 12) return "morning";
  return hour < 18 ? "afternoon" : "evening";
}

function language(): string {
  return (typeof document !== "undefined" && document.documentElement.lang) || "en";
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = language();
  const key = locale + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale, options);
    formats.set(key, found);
  }
  return found;
}

export const longDay = (moment: Date) =>
  format({ weekday: "long", day: "numeric", month: "long" }).format(moment);
export const mediumDay = (moment: Date) =>
  format({ day: "numeric", month: "short", year: "numeric" }).format(moment);
export const clock = (moment: Date) =>
  format({ hour: "2-digit", minute: "2-digit" }).format(moment);
export const weekdayLetter = (moment: Date) => format({ weekday: "narrow" }).format(moment);
export const weekdayName = (moment: Date) => format({ weekday: "long" }).format(moment);
export const monthName = (moment: Date) => format({ month: "short" }).format(moment);

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

// "3 hours ago", in the largest unit that it fills.
export function ago(moment: Date, now = new Date()): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "auto" });
  return words.format(Math.trunc(seconds / size), unit);
}

// For an <input type="datetime-local">.
export function toLocalInput(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${dayOf(moment)}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
