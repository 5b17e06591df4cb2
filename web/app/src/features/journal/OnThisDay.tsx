import { data } from "@salus/api-client";
import { useQueries } from "@tanstack/react-query";
import { Card } from "../../components/ui/Card";
import { t } from "../../i18n";
import { api } from "../../lib/api";
import { addDays, dayOf, mediumDay } from "../../lib/dates";
import { KEY } from "./api";
import { EntryRow } from "./EntryRow";
import { sameDays } from "./onThisDay";

// What was written on this day a month and some years ago. Days without anything are not mentioned.
export function OnThisDay() {
  const days = sameDays(new Date());
  const found = useQueries({
    queries: days.map((day) => ({
      queryKey: [...KEY, "day", dayOf(day)],
      staleTime: Number.POSITIVE_INFINITY,
      queryFn: () => {
        const to = addDays(day, 1).toISOString();
        const query = { from: day.toISOString(), to, limit: 3 };
        return data(api.GET("/api/journal/entries", { params: { query } }));
      },
    })),
  });
  const shown = days.flatMap((day, index) => {
    const entries = found[index]?.data?.entries ?? [];
    return entries.length > 0 ? [{ day, entries }] : [];
  });
  if (shown.length === 0) return null;
  return (
    <Card className="xl:col-span-2" title={t("today.onThisDay")}>
      {shown.map(({ day, entries }) => (
        <section key={dayOf(day)} aria-label={mediumDay(day)} className="mb-3 last:mb-0">
          <h3 className="font-sans font-semibold text-soft text-sm">{mediumDay(day)}</h3>
          <ul className="-mx-3 divide-y divide-line">
            {entries.map((entry) => (
              <li key={entry.id}>
                <EntryRow entry={entry} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Card>
  );
}
