import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Card } from "../../components/ui/Card";
import { Problem } from "../../components/ui/Notice";
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
      {usage.data?.days.length === 0 && <p>{t("usage.none")}</p>}
      <UsageTable lines={usage.data?.days ?? []} />
    </Card>
  );
}
