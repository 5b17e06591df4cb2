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

const formats = new Map<string, Intl.DateTimeFormat>();

function format(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const locale = document.documentElement.lang || "en";
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

// For an <input type="datetime-local">.
export function toLocalInput(moment: Date): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${dayOf(moment)}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}
