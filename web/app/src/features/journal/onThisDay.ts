const YEARS = [1, 2, 3, 4, 5];

// The same day a month ago and in the years before, where there was such a day: no 31st of June, and
// a 29th of February only every four years.
export function sameDays(today: Date): Date[] {
  const [year, month, date] = [today.getFullYear(), today.getMonth(), today.getDate()];
  const days = [new Date(year, month - 1, date)];
  days.push(...YEARS.map((back) => new Date(year - back, month, date)));
  return days.filter((day) => day.getDate() === date);
}
