import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Icon } from "../../components/ui/Icon";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";

export function SystemPage() {
  const alive = useQuery({
    queryKey: ["operations", "alive"],
    queryFn: () => data(api.GET("/health")),
  });
  const parts = useQuery({
    queryKey: ["operations", "parts"],
    queryFn: () => data(api.GET("/health/deep")),
  });
  const hours = Math.floor((alive.data?.uptime_seconds ?? 0) / 3600);
  return (
    <>
      <Card
        title={t("system.program")}
        action={
          <Button
            icon="again"
            busy={parts.isFetching}
            onClick={() => void Promise.all([alive.refetch(), parts.refetch()])}
          >
            {t("system.again")}
          </Button>
        }
      >
        <Problem error={alive.error} />
        {alive.data && (
          <p>
            {t("system.version", { version: alive.data.version })}{" "}
            {hours > 0 ? t("system.hours", { count: hours }) : t("system.fresh")}
          </p>
        )}
      </Card>
      <Card title={t("system.parts")}>
        {parts.isError && <Notice kind="warn">{t("system.notHere")}</Notice>}
        <ul className="divide-y divide-line">
          {parts.data?.parts.map((part) => (
            <li key={part.name} className="flex items-center gap-3 py-2.5">
              <Icon
                name={part.ok ? "check" : "close"}
                className={`size-5 ${part.ok ? "text-brand" : "text-care"}`}
              />
              <span className="font-semibold">{part.name}</span>
              <span className="text-soft">{part.ok ? t("system.works") : part.problem}</span>
            </li>
          ))}
        </ul>
      </Card>
    </>
  );
}
