import { data, type Schemas } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Card } from "../../components/ui/Card";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { UsageTable } from "./UsageTable";

// What everybody used together; who used what is told to nobody.
export function UsagePage() {
  const usage = useQuery({
    queryKey: ["companion", "usage", "all"],
    queryFn: () => data(api.GET("/api/admin/usage", { params: { query: { days: 30 } } })),
  });
  return (
    <Card title={t("usage.title")}>
      <p className="mb-4 text-soft">{t("usage.text")}</p>
      <Problem error={usage.error} />
      <Spent of="usage.today" spending={usage.data?.budget.day} />
      <Spent of="usage.month" spending={usage.data?.budget.month} />
      {usage.data?.days.length === 0 && <p>{t("usage.none")}</p>}
      <UsageTable lines={usage.data?.days ?? []} />
    </Card>
  );
}

interface SpentProps {
  of: "usage.today" | "usage.month";
  spending: Schemas["Spending"] | null | undefined;
}

// The money of the whole installation, where it is limited.
function Spent({ of, spending }: SpentProps) {
  if (!spending) return null;
  const dollars = (micro: number) => (micro / 1_000_000).toFixed(2);
  return (
    <Notice kind={spending.nearly_used_up ? "warn" : "calm"} className="mb-3">
      {t(of, {
        spent: dollars(spending.spent_micro_usd),
        limit: dollars(spending.limit_micro_usd),
      })}{" "}
      {spending.nearly_used_up && t("usage.nearly")}
    </Notice>
  );
}
