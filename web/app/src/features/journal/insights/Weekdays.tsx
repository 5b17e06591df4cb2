import type { Schemas } from "@salus/api-client";
import { t } from "../../../i18n/insights";
import { addDays, weekdayName } from "../../../lib/dates";
import { Face } from "../Face";
import { levelOf } from "../moods";
import { levelWord, missingDays } from "./words";

const MONDAY = new Date(2024, 0, 1);

export function Weekdays({ weekdays }: { weekdays: Schemas["MoodWeekdays"] }) {
  if (weekdays.basis !== "enough") return <p>{missingDays(weekdays)}</p>;
  const standing = weekdays.days_of_week.filter((day) => day.stands_out);
  const name = (day: Schemas["MoodWeekday"]) => weekdayName(addDays(MONDAY, day.weekday - 1));
  return (
    <>
      <p className="mb-3">
        {standing.length === 0
          ? t("weekdays.alike")
          : t("weekdays.standOut", { days: standing.map(name).join(", ") })}
      </p>
      <table className="w-full">
        <caption className="sr-only">{t("insights.weekdays")}</caption>
        <tbody>
          {weekdays.days_of_week.map((day) => (
            <tr key={day.weekday}>
              <th scope="row" className="py-1 text-left font-medium">
                {name(day)}
              </th>
              <td className="py-1">
                <span className="inline-flex items-center gap-2">
                  <Face level={levelOf(day.mean)} className="size-6" />
                  {levelWord(day.mean)}
                </span>
              </td>
              <td className="py-1 text-right text-soft text-sm tabular-nums">
                {t("insights.days", { count: day.count })}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
