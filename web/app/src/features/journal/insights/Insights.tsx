import { useQuery } from "@tanstack/react-query";
import { lazy, type ReactNode, Suspense, useState } from "react";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { withWords } from "../../../i18n";
import { t } from "../../../i18n/insights";
import { type Period, statsQuery } from "../api";
import { MoodBars } from "./MoodBars";
import { Weekdays } from "./Weekdays";
import { levelWord, meanWords, trendWords } from "./words";
import { YearGrid } from "./YearGrid";

const Told = lazy(withWords(() => import("../../wellbeing/Told")));

// Less than three months says nothing about what goes together.
const tellingDays = (period: Period) => (period === "year" ? 366 : 92);

const PERIODS: readonly Period[] = ["week", "month", "quarter", "year"];

export function Insights() {
  const [period, setPeriod] = useState<Period>("month");
  const stats = useQuery({ ...statsQuery(period), placeholderData: (old) => old });
  const year = useQuery(statsQuery("year"));
  return (
    <div className="rise">
      <div className="mb-6 flex flex-wrap items-end justify-between gap-4">
        <h1 className="text-3xl sm:text-4xl">{t("insights.title")}</h1>
        <fieldset className="flex rounded-full border border-edge bg-surface p-1">
          <legend className="sr-only">{t("insights.period")}</legend>
          {PERIODS.map((choice) => (
            <button
              key={choice}
              type="button"
              aria-pressed={choice === period}
              onClick={() => setPeriod(choice)}
              className="min-h-9 cursor-pointer rounded-full px-3 font-semibold text-sm aria-pressed:bg-brand aria-pressed:text-on-brand sm:px-4"
            >
              {t(`period.${choice}`)}
            </button>
          ))}
        </fieldset>
      </div>
      <Problem error={stats.error} />
      {stats.data && (
        <div className="grid items-start gap-5 lg:grid-cols-2">
          <Card title={t("insights.mean")}>
            {typeof stats.data.mean.value === "number" && (
              <Scale
                value={stats.data.mean.value}
                low={stats.data.mean.low ?? stats.data.mean.value}
                high={stats.data.mean.high ?? stats.data.mean.value}
              />
            )}
            <p>{meanWords(stats.data.mean)}</p>
            <p className="mt-3 text-soft text-sm">
              {t("insights.entries", { count: stats.data.entries })}
              {stats.data.truncated ? ` ${t("insights.truncated")}` : ""}
            </p>
          </Card>
          <Card title={t("insights.trend")}>
            <p className="text-lg">{trendWords(stats.data.trend)}</p>
            <p className="mt-3 text-soft text-sm">{t("insights.trendHint")}</p>
          </Card>
          <Card title={t("insights.moods")}>
            <MoodBars moods={stats.data.moods} />
          </Card>
          <Card title={t("insights.weekdays")}>
            <Weekdays weekdays={stats.data.weekdays} />
          </Card>
        </div>
      )}
      <Suspense fallback={null}>
        <Told days={tellingDays(period)} />
      </Suspense>
      <Card title={t("insights.year")} className="mt-5">
        {year.data ? (
          <YearGrid days={year.data.calendar} />
        ) : (
          <Waiting>{t("journal.loading")}</Waiting>
        )}
      </Card>
      <p className="mt-6 max-w-prose text-soft text-sm">{t("insights.honest")}</p>
    </div>
  );
}

function Waiting({ children }: { children: ReactNode }) {
  return <p className="text-soft">{children}</p>;
}

// The mean as a point and its interval as a band, on the whole scale.
function Scale({ value, low, high }: { value: number; low: number; high: number }) {
  const at = (number: number) => 10 + ((Math.max(-5, Math.min(5, number)) + 5) / 10) * 280;
  return (
    <svg viewBox="0 0 300 58" className="mb-3 w-full" role="img" aria-label={levelWord(value)}>
      <line
        x1="10"
        x2="290"
        y1="24"
        y2="24"
        stroke="var(--line)"
        strokeWidth="8"
        strokeLinecap="round"
      />
      <line
        x1={at(low)}
        x2={at(high)}
        y1="24"
        y2="24"
        stroke="var(--mood-4)"
        strokeWidth="8"
        strokeLinecap="round"
      />
      <circle
        cx={at(value)}
        cy="24"
        r="8"
        fill="var(--brand)"
        stroke="var(--surface)"
        strokeWidth="3"
      />
      <g fill="var(--ink-soft)" fontSize="11">
        <text x="6" y="54">
          {t("level.1")}
        </text>
        <text x="150" y="54" textAnchor="middle">
          {t("level.3")}
        </text>
        <text x="294" y="54" textAnchor="end">
          {t("level.5")}
        </text>
      </g>
    </svg>
  );
}
