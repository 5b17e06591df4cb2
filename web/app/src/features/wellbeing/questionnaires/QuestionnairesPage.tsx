import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Icon } from "../../../components/ui/Icon";
import { Notice, Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { isOffline, resultsQuery } from "../api";
import { Back } from "../Back";
import { questionnaires } from "./answers";

export function QuestionnairesPage() {
  const results = useQuery(resultsQuery);
  const last = (id: string) => results.data?.results.find((one) => one.questionnaire === id);
  return (
    <div className="rise mx-auto max-w-3xl">
      <Back to="/care">{t("care.title")}</Back>
      <h1 className="mt-1 text-3xl sm:text-4xl">{t("asks.title")}</h1>
      <p className="mt-2 max-w-prose text-lg text-soft">{t("asks.lead")}</p>
      <Notice className="my-6">{t("screening.notDiagnosis")}</Notice>
      {isOffline(results.error) ? (
        <p className="mb-4 text-soft">{t("asks.offline")}</p>
      ) : (
        <Problem error={results.error} className="mb-4" />
      )}
      <ul className="grid gap-3 sm:grid-cols-2">
        {questionnaires(currentLocale()).map((one) => {
          const before = last(one.id);
          return (
            <li key={one.id}>
              <Link
                to="/care/questionnaires/$name"
                params={{ name: one.id }}
                className="group flex h-full flex-col rounded-card border border-line bg-surface p-5 shadow-card transition-colors hover:border-brand"
              >
                <span className="flex items-baseline justify-between gap-3">
                  <span className="font-serif text-xl">{one.title}</span>
                  <span className="shrink-0 text-soft text-sm">
                    {t("asks.count", { count: one.items.length })}
                  </span>
                </span>
                <span className="mt-1 text-soft" lang={one.said}>
                  {one.about}
                </span>
                <span className="mt-auto flex items-center justify-between pt-3 text-sm">
                  <span className="text-soft">
                    {before ? t("asks.last", { day: mediumDay(new Date(before.occurred_at)) }) : ""}
                  </span>
                  <Icon name="chevron" className="size-5 text-brand" />
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
