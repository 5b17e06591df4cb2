import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { t } from "../../../i18n/wellbeing";
import { dayOf, longDay, weekdayLetter } from "../../../lib/dates";
import type { Filled } from "../api";
import type { Form } from "../forms/entry";
import { marked, rowsOf, weekEntries } from "../forms/week";

interface Props {
  form: Form;
  week: readonly Date[];
  days: Map<string, Filled>;
  today: Date;
}

// A week at a glance: a row for each thing that was rated, a column for each day.
export function WeekGrid({ form, week, days, today }: Props) {
  const entries = weekEntries(week, days);
  const groups = marked(form)
    .map((section) => ({ section, rows: rowsOf(section, entries) }))
    .filter(({ rows }) => rows.length > 0);
  return (
    <>
      <table className="w-full table-fixed">
        <caption className="sr-only">{t("diary.table")}</caption>
        <thead>
          <tr>
            <th className="w-[38%] sm:w-[34%]">
              <span className="sr-only">{t("diary.what")}</span>
            </th>
            {week.map((day) => (
              <th key={dayOf(day)} scope="col" className="pb-2 font-normal">
                <Day day={day} filled={days.has(dayOf(day))} future={dayOf(day) > dayOf(today)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {groups.map(({ section, rows }) => (
            <Fragment key={section.id}>
              <tr>
                <th
                  colSpan={8}
                  scope="colgroup"
                  className="pt-3 pb-1 text-left font-semibold text-soft text-sm"
                >
                  {section.title}
                </th>
              </tr>
              {rows.map((row) => (
                <tr key={row.id} className="border-line border-t">
                  <th
                    scope="row"
                    className="py-1.5 pr-2 text-left font-medium text-sm leading-tight"
                  >
                    {row.label}
                  </th>
                  {row.values.map((value, at) => (
                    <td key={dayOf(week[at] ?? today)} className="p-0.5 text-center">
                      <Cell value={value} top={section.scale_to ?? 5} />
                    </td>
                  ))}
                </tr>
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
      {groups.length === 0 && <p className="mt-3 text-soft">{t("diary.empty")}</p>}
    </>
  );
}

function Day({ day, filled, future }: { day: Date; filled: boolean; future: boolean }) {
  const face = (
    <>
      <span aria-hidden="true" className="block text-soft text-xs">
        {weekdayLetter(day)}
      </span>
      <span aria-hidden="true" className="font-semibold">
        {day.getDate()}
      </span>
    </>
  );
  if (future) {
    return (
      <span className="block py-1 text-soft">
        {face}
        <span className="sr-only">{longDay(day)}</span>
      </span>
    );
  }
  return (
    <Link
      to="/care/diary/$day"
      params={{ day: dayOf(day) }}
      className={`mx-auto block max-w-12 rounded-field py-1 transition-colors hover:bg-sunken ${filled ? "bg-brand-soft" : ""}`}
    >
      {face}
      <span className="sr-only">
        {longDay(day)}: {t(filled ? "diary.filled" : "diary.notFilled")}
      </span>
    </Link>
  );
}

// Five steps of one quiet colour, with the number in it: nothing is told by colour alone.
const TINTS = [
  "bg-transparent",
  "bg-brand/10",
  "bg-brand/15",
  "bg-brand/20",
  "bg-brand/25",
  "bg-brand/30",
] as const;

function Cell({ value, top }: { value: number | undefined; top: number }) {
  if (value === undefined) {
    return (
      <>
        <span aria-hidden="true" className="text-soft">
          ·
        </span>
        <span className="sr-only">{t("diary.unrated")}</span>
      </>
    );
  }
  const step = Math.min(5, Math.max(0, Math.round((value / top) * 5)));
  return (
    <span
      className={`mx-auto grid h-8 max-w-10 place-items-center rounded-lg font-medium tabular-nums ${TINTS[step]}`}
    >
      {top === 1 ? t(value === 1 ? "form.yes" : "form.no") : value}
    </span>
  );
}
