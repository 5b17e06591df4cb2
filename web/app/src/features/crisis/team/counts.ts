// The counters of a year as a table, and as a file for whoever collects such reports.
import type { Schemas } from "@salus/api-client";

type Report = Schemas["CrisisReport"];
// None: too few to be told. Undefined: it did not happen.
export type Count = number | null | undefined;

export const LEVELS = ["support", "alert", "imminent"] as const;

export function table(report: Report): { source: string; counts: Count[] }[] {
  const sources = [...new Set(report.counts.map(({ source }) => source))];
  return sources.map((source) => ({
    source,
    counts: LEVELS.map((level) => {
      const found = report.counts.find((one) => one.source === source && one.level === level);
      return found ? (found.times ?? null) : undefined;
    }),
  }));
}

export function asCsv(report: Report): string {
  const rows = report.counts.map(
    ({ source, level, times }) => `${report.year},${source},${level},${times ?? "<11"}`,
  );
  return ["year,source,level,times", ...rows, ""].join("\r\n");
}
