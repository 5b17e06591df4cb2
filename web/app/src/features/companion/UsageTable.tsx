import type { Schemas } from "@salus/api-client";
import { t } from "../../i18n/admin";
import { mediumDay, parseDay } from "../../lib/dates";

type Line = Schemas["UsageOfDay"];

// What was used, day by day: answers, tokens, and money as far as prices are known.
export function UsageTable({ lines: all }: { lines: readonly Line[] }) {
  const days = byDay(all);
  const most = Math.max(1, ...days.map(([, lines]) => sum(lines, "answers")));
  if (days.length === 0) return null;
  return (
    <div
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="overflow-x-auto"
    >
      <table className="w-full text-left tabular-nums">
        <thead className="text-soft text-sm">
          <tr>
            <th className="py-2 pr-4 font-semibold">{t("usage.day")}</th>
            <th className="py-2 pr-4 font-semibold">{t("usage.answers")}</th>
            <th className="py-2 pr-4 font-semibold">{t("usage.tokens")}</th>
            <th className="py-2 font-semibold">{t("usage.cost")}</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {days.map(([day, lines]) => (
            <Day key={day} day={day} lines={lines} most={most} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Day({ day, lines, most }: { day: string; lines: Line[]; most: number }) {
  const answers = sum(lines, "answers");
  const unpriced = sum(lines, "unpriced_answers");
  return (
    <tr>
      <th scope="row" className="py-2 pr-4 font-normal">
        {mediumDay(parseDay(day))}
        <span className="block text-soft text-sm">
          {lines.map(({ model }) => model).join(", ")}
        </span>
      </th>
      <td className="py-2 pr-4">
        {answers}
        <svg viewBox="0 0 100 6" className="mt-1 h-1.5 w-14 sm:w-24" aria-hidden="true">
          <rect width={(answers / most) * 100} height="6" rx="3" fill="var(--brand)" />
        </svg>
      </td>
      <td className="py-2 pr-4">{sum(lines, "input_tokens") + sum(lines, "output_tokens")}</td>
      <td className="py-2">
        ${(sum(lines, "micro_usd") / 1e6).toFixed(2)}
        {unpriced > 0 && (
          <span className="block text-soft text-sm">
            {t("usage.unpriced", { count: unpriced })}
          </span>
        )}
      </td>
    </tr>
  );
}

type Counted = "answers" | "unpriced_answers" | "input_tokens" | "output_tokens" | "micro_usd";

function sum(lines: readonly Line[], name: Counted): number {
  return lines.reduce((all, line) => all + line[name], 0);
}

function byDay(lines: readonly Line[]): [string, Line[]][] {
  const days = new Map<string, Line[]>();
  for (const line of lines) days.set(line.date, [...(days.get(line.date) ?? []), line]);
  return [...days];
}
