import type { Schemas } from "@salus/api-client";
import { useEffect, useRef } from "react";
import { t } from "../../../i18n/insights";
import { mediumDay, monthName } from "../../../lib/dates";
import { FILL } from "../Face";
import { LEVELS, levelOf } from "../moods";
import { monthMarks, yearCells } from "./grid";
import { levelWord } from "./words";

const STEP = 15;
const SIZE = 12;
const TOP = 18;

type Day = Schemas["MoodDay"];

// A year at a glance, and the same as a table for whoever does not see colours, or wants words.
export function YearGrid({ days }: { days: readonly Day[] }) {
  const known = new Map(days.map((day) => [day.date, day]));
  const cells = yearCells(new Date());
  const width = 53 * STEP + SIZE;
  const scroller = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a phone the newest weeks are what one wants to see.
    const box = scroller.current;
    if (box) box.scrollLeft = box.scrollWidth;
  }, []);
  return (
    <>
      <section
        ref={scroller}
        aria-label={t("insights.year")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
        tabIndex={0}
        className="overflow-x-auto pb-2"
      >
        <svg
          viewBox={`0 0 ${width} ${TOP + 7 * STEP}`}
          width={width}
          className="block max-w-none xl:w-full"
          role="img"
          aria-label={t("year.summary", { count: days.length })}
        >
          {monthMarks(cells).map(({ week, day }) => (
            <text key={day.getTime()} x={week * STEP} y={11} fontSize="11" fill="var(--ink-soft)">
              {monthName(day)}
            </text>
          ))}
          {cells.map((cell) => {
            const found = known.get(cell.date);
            const level = typeof found?.mean === "number" ? levelOf(found.mean) : undefined;
            return (
              <rect
                key={cell.date}
                x={cell.week * STEP}
                y={TOP + cell.weekday * STEP}
                width={SIZE}
                height={SIZE}
                rx={3}
                className={level ? FILL[level] : found ? "fill-edge" : "fill-sunken"}
              />
            );
          })}
        </svg>
      </section>
      <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-sm">
        {LEVELS.map((level) => (
          <li key={level} className="inline-flex items-center gap-1.5">
            <svg viewBox="0 0 12 12" className="size-3" aria-hidden="true">
              <rect width="12" height="12" rx="3" className={FILL[level]} />
            </svg>
            {t(`level.${level}`)}
          </li>
        ))}
      </ul>
      <details className="mt-4">
        <summary className="cursor-pointer font-semibold text-brand">{t("year.table")}</summary>
        <table className="mt-2 w-full max-w-md text-sm">
          <caption className="sr-only">{t("insights.year")}</caption>
          <thead className="text-left text-soft">
            <tr>
              <th className="py-1 font-medium">{t("year.day")}</th>
              <th className="py-1 font-medium">{t("year.mood")}</th>
              <th className="py-1 text-right font-medium">{t("year.count")}</th>
            </tr>
          </thead>
          <tbody>
            {[...days].reverse().map((day) => (
              <tr key={day.date} className="border-line border-t">
                <td className="py-1">{mediumDay(new Date(`${day.date}T12:00`))}</td>
                <td className="py-1">
                  {typeof day.mean === "number" ? levelWord(day.mean) : t("today.noMood")}
                </td>
                <td className="py-1 text-right tabular-nums">{day.count}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}
