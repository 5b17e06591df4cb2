// A year of days in columns of weeks.
import { addDays, dayOf } from "../../../lib/dates";

export interface Cell {
  date: string;
  day: Date;
  // Column and row; a column is a week that begins on Monday.
  week: number;
  weekday: number;
}

export function yearCells(today: Date): Cell[] {
  const start = addDays(today, -364);
  const offset = (start.getDay() + 6) % 7;
  return Array.from({ length: 365 }, (_, index) => {
    const day = addDays(start, index);
    const place = index + offset;
    return { date: dayOf(day), day, week: Math.floor(place / 7), weekday: place % 7 };
  });
}

// Where the name of a month stands: the first whole week of it.
export function monthMarks(cells: readonly Cell[]): { week: number; day: Date }[] {
  return cells
    .filter((cell) => cell.day.getDate() === 1)
    .map((cell) => ({ week: cell.weekday === 0 ? cell.week : cell.week + 1, day: cell.day }));
}
