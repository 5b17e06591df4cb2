import type { Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../../components/ui/Ask";
import { IconButton } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { isOffline, KEY, removeResult, trendQuery } from "../api";
import { highest, type Questionnaire } from "./answers";
import { TrendChart } from "./TrendChart";

const DIRECTIONS = { better: "asks.better", worse: "asks.worse" } as const;

// The sentence of the server, in the language of the person.
function changeWords(of: Questionnaire, change: Schemas["QuestionnaireChange"]): string {
  const { direction, difference, threshold } = change;
  const key = direction === "better" || direction === "worse" ? DIRECTIONS[direction] : undefined;
  return t(key ?? "asks.unclear", {
    title: of.title,
    difference: Math.abs(difference),
    threshold,
  });
}

// The results before, and whether a change is more than chance.
export function Earlier({ of }: { of: Questionnaire }) {
  const queries = useQueryClient();
  const trend = useQuery(trendQuery(of.id));
  const [asking, setAsking] = useState<string>();
  const erase = useMutation({
    mutationFn: (id: string) => removeResult(id),
    onSuccess: () => {
      setAsking(undefined);
      return queries.invalidateQueries({ queryKey: KEY });
    },
  });
  if (isOffline(trend.error)) return <p className="text-soft">{t("asks.offline")}</p>;
  if (trend.error) return <Problem error={trend.error} />;
  if (trend.isPending) return <p className="text-soft">{t("journal.loading")}</p>;
  const { points, overall, latest } = trend.data;
  if (points.length === 0) return null;
  const change = latest ?? overall;
  return (
    <Card title={t("asks.earlier")}>
      {points.length > 1 ? (
        <>
          <TrendChart points={points} bands={of.bands} max={highest(of)} />
          {change && <p className="mt-4 max-w-prose">{changeWords(of, change)}</p>}
          {overall && latest && points.length > 2 && overall.text !== latest.text && (
            <p className="mt-2 max-w-prose text-soft">
              {t("asks.overall")} {changeWords(of, overall)}
            </p>
          )}
          {!change && <p className="mt-4 text-soft">{t("asks.noThreshold")}</p>}
        </>
      ) : (
        <p className="text-soft">{t("asks.single")}</p>
      )}
      <table className="mt-5 w-full">
        <caption className="sr-only">{t("asks.earlier")}</caption>
        <thead className="text-left text-soft text-sm">
          <tr>
            <th className="py-1 font-medium">{t("asks.day")}</th>
            <th className="py-1 font-medium">{t("asks.points")}</th>
            <th>
              <span className="sr-only">{t("asks.delete")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {[...points].reverse().map((point) => (
            <tr key={point.id} className="border-line border-t">
              <td>{mediumDay(new Date(point.occurred_at))}</td>
              <td className="tabular-nums">{point.total}</td>
              <td className="w-11">
                <IconButton
                  icon="trash"
                  label={t("asks.deleteOf", { day: mediumDay(new Date(point.occurred_at)) })}
                  onClick={() => setAsking(point.id)}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Problem error={erase.error} />
      <Ask
        open={asking !== undefined}
        title={t("asks.deleteTitle")}
        yes={t("asks.delete")}
        danger
        busy={erase.isPending}
        onYes={() => asking && erase.mutate(asking)}
        onClose={() => setAsking(undefined)}
      >
        {t("asks.deleteText")}
      </Ask>
    </Card>
  );
}
