import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card } from "../../components/ui/Card";
import { currentLocale } from "../../i18n";
import { t } from "../../i18n/wellbeing";
import { api } from "../../lib/api";
import { KEY } from "./api";

const FEW = 3;

// What may suit right now, by the mood of the last days and what helped before. Where there is
// nothing to go by, nothing is said.
export default function Suits({ className = "" }: { className?: string }) {
  const { data: found } = useQuery({
    queryKey: [...KEY, "suits", currentLocale()],
    queryFn: ({ signal }) =>
      data(
        api.POST("/api/ai/suggest-exercises", {
          body: { limit: FEW, language: currentLocale() },
          signal,
        }),
      ),
    retry: false,
  });
  if (!found || found.exercises.length === 0) return null;
  return (
    <Card title={t("suits.title")} className={className}>
      <ul className="-mx-2 -mt-1 grid">
        {found.exercises.map(({ skill, reason }) => (
          <li key={skill.id}>
            <Link
              to="/care/skills/$name"
              params={{ name: skill.id }}
              className="block rounded-field px-2 py-2.5 transition-colors hover:bg-sunken"
            >
              <span className="flex items-baseline justify-between gap-3">
                <span className="font-semibold" lang={skill.language}>
                  {skill.title}
                </span>
                <span className="shrink-0 text-soft text-sm tabular-nums">
                  {t("suits.minutes", { count: skill.minutes })}
                </span>
              </span>
              <span className="block text-soft text-sm">
                {t(reason === "helped_before" ? "suits.helped" : "suits.mood")}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}
