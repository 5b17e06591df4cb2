import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { KEY } from "./api";
import { UsageTable } from "./UsageTable";

// What the person used, and what is left today. It is not a score.
export function OwnUsage() {
  const usage = useQuery({
    queryKey: [...KEY, "usage", "own"],
    queryFn: () => data(api.GET("/api/usage", { params: { query: { days: 30 } } })),
  });
  const found = usage.data;
  return (
    <>
      <Problem error={usage.error} />
      {found && (
        <p className="mb-3 text-soft">
          {t("usage.left", {
            count: found.remaining.messages,
            of: found.limits.messages_per_day,
          })}{" "}
          {found.days.length === 0 && t("usage.none")}
        </p>
      )}
      <UsageTable lines={found?.days ?? []} />
    </>
  );
}
