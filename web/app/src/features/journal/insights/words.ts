// What the numbers of the server mean, in plain words that claim no more than they hold.
import type { Schemas } from "@salus/api-client";
import { t } from "../../../i18n/insights";
import { levelOf } from "../moods";

type Estimate = Schemas["MoodEstimate"];

export function levelWord(scale: number): string {
  return t(`level.${levelOf(scale)}`);
}

export function missingDays(estimate: {
  days?: number | null;
  days_needed?: number | null;
}): string {
  const missing = Math.max(1, (estimate.days_needed ?? 0) - (estimate.days ?? 0));
  return t("insights.notEnough", { count: missing });
}

export function meanWords(mean: Estimate): string {
  if (mean.basis !== "enough" || typeof mean.value !== "number") return missingDays(mean);
  const low = levelWord(mean.low ?? mean.value);
  const high = levelWord(mean.high ?? mean.value);
  const level = levelWord(mean.value);
  return low === high
    ? t("insights.meanSure", { level })
    : t("insights.meanBetween", { level, low, high });
}

export function trendWords(trend: Schemas["MoodTrend"]): string {
  switch (trend.wording) {
    case "rising":
      return t("trend.rising");
    case "falling":
      return t("trend.falling");
    case "no_clear_change":
      return t("trend.none");
    default:
      return missingDays(trend);
  }
}
