import { data, type Schemas } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { saveAs } from "../../../lib/files";
import { asCsv, type Count, LEVELS, table } from "./counts";

const SOURCES = ["chat", "journal", "check_in", "questionnaire", "record"] as const;
const BACK = 5;

// How often help was shown in a year, without anybody in it.
export function Report() {
  const now = new Date().getUTCFullYear();
  const [year, setYear] = useState(now);
  const report = useQuery({
    queryKey: ["crisis", "report", year],
    queryFn: () => data(api.GET("/api/admin/crisis/report", { params: { query: { year } } })),
  });
  return (
    <Card
      title={t("report.title", { year })}
      action={
        <select
          aria-label={t("report.year")}
          value={year}
          onChange={(event) => setYear(Number(event.target.value))}
          className="min-h-11 rounded-full border border-edge bg-surface px-4"
        >
          {Array.from({ length: BACK }, (_, back) => now - back).map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      }
    >
      <p className="mb-4 max-w-prose text-soft">{t("report.text")}</p>
      <Problem error={report.error} />
      {report.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {report.data && <Counts report={report.data} />}
    </Card>
  );
}

function Counts({ report }: { report: Schemas["CrisisReport"] }) {
  if (report.counts.length === 0) return <p>{t("report.none")}</p>;
  const save = () =>
    saveAs(new Blob([asCsv(report)], { type: "text/csv" }), `salus-help-${report.year}.csv`);
  return (
    <>
      <div
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        className="overflow-x-auto"
      >
        <table className="w-full text-left tabular-nums">
          <thead className="text-soft text-sm">
            <tr>
              <th className="py-2 pr-4 font-semibold">{t("report.where")}</th>
              {LEVELS.map((level) => (
                <th key={level} className="py-2 pr-4 font-semibold">
                  {t(`report.level.${level}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {table(report).map(({ source, counts }) => (
              <tr key={source}>
                <th scope="row" className="py-2 pr-4 font-normal">
                  {sourceName(source)}
                </th>
                {counts.map((count, index) => (
                  <td key={LEVELS[index]} className="py-2 pr-4">
                    {countWords(count)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="mt-4">
        <b className="font-semibold">{t("report.total")}:</b> {report.total ?? t("report.hidden")}
      </p>
      <Button icon="down" className="mt-4" onClick={save}>
        {t("report.save")}
      </Button>
    </>
  );
}

function sourceName(source: string): string {
  const known = SOURCES.find((one) => one === source);
  return known ? t(`report.source.${known}`) : source;
}

function countWords(count: Count): string {
  if (count === null) return t("report.few");
  return String(count ?? 0);
}
