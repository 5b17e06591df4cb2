import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Card } from "../../components/ui/Card";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/wellbeing";
import { api } from "../../lib/api";
import { offsetMinutes } from "../../lib/dates";
import { isOffline, KEY } from "./api";

// What the server says of a person's own figures, in its own careful sentences: the way of the mood,
// and what went together with it. Before it is honest, it says how far off that is.
export default function Told({ days }: { days: number }) {
  const body = { days, tz_offset: offsetMinutes() };
  const mood = useQuery({
    queryKey: [...KEY, "mood", days],
    queryFn: ({ signal }) => data(api.POST("/api/ai/analyze-mood", { body, signal })),
    placeholderData: (old) => old,
  });
  const together = useQuery({
    queryKey: [...KEY, "together", days],
    queryFn: ({ signal }) => data(api.POST("/api/ai/generate-insights", { body, signal })),
    placeholderData: (old) => old,
  });
  const error = mood.error ?? together.error;
  if (error) return isOffline(error) ? null : <Problem error={error} className="mt-5" />;
  if (!mood.data || !together.data) return null;
  return (
    <Card title={t("told.title")} className="mt-5">
      <ul className="grid gap-3" lang="en">
        {[...mood.data.insights, ...together.data.insights].map((one) => (
          <li key={one.name + (one.factor ?? "")} className="flex gap-3">
            <span aria-hidden="true" className="mt-2.5 size-1.5 shrink-0 rounded-full bg-brand" />
            {one.text}
          </li>
        ))}
      </ul>
      <p className="mt-4 text-soft text-sm">
        {t("told.days", { days })} {t("told.compared", { count: together.data.comparisons })}
      </p>
    </Card>
  );
}
