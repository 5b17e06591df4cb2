import type { Schemas } from "@salus/api-client";
import { t } from "../../../i18n/insights";

// A table that is also a chart: the bar is a picture of the number beside it.
export function MoodBars({ moods }: { moods: readonly Schemas["MoodCount"][] }) {
  const shown = moods.filter((mood) => mood.count > 0).sort((a, b) => b.count - a.count);
  if (shown.length === 0) return <p className="text-soft">{t("insights.noMoods")}</p>;
  const most = Math.max(...shown.map((mood) => mood.count));
  return (
    <table className="w-full">
      <caption className="sr-only">{t("insights.moods")}</caption>
      <thead className="sr-only">
        <tr>
          <th>{t("insights.moodColumn")}</th>
          <th>{t("insights.bar")}</th>
          <th>{t("insights.countColumn")}</th>
        </tr>
      </thead>
      <tbody>
        {shown.map((mood) => (
          <tr key={mood.mood}>
            <th scope="row" className="w-32 py-1 pr-3 text-left font-medium">
              {t(`mood.${mood.mood}`)}
            </th>
            <td>
              <svg
                viewBox="0 0 100 10"
                preserveAspectRatio="none"
                className="h-3 w-full"
                aria-hidden="true"
              >
                <rect width={(mood.count / most) * 100} height="10" rx="2" fill="var(--mood-4)" />
              </svg>
            </td>
            <td className="w-10 pl-3 text-right tabular-nums">{mood.count}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
