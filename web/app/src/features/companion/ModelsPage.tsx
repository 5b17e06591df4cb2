import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { Card } from "../../components/ui/Card";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { modelsQuery } from "./api";

// Providers with how they are, and their models with where they run.
export function ModelsPage() {
  const list = useQuery(modelsQuery);
  const health = useQuery({
    queryKey: ["companion", "health"],
    queryFn: () => data(api.GET("/api/providers/health")),
  });
  return (
    <>
      <Problem error={list.error ?? health.error} />
      {list.data?.providers.map((provider) => {
        const state = health.data?.providers.find((one) => one.id === provider.id);
        return (
          <Card
            key={provider.id}
            title={provider.id}
            action={
              state && (
                <span className={`flex items-center gap-2 ${state.ok ? "" : "text-care"}`}>
                  <Icon name={state.ok ? "check" : "close"} />
                  {state.ok ? t("models.answers") : (state.error ?? t("models.silent"))}
                </span>
              )
            }
          >
            <ul className="divide-y divide-line">
              {provider.models.map((model) => (
                <li key={model.id} className="flex flex-wrap justify-between gap-x-4 py-2">
                  <span>{model.title}</span>
                  <span className="text-soft text-sm">
                    {t(model.location === "remote" ? "chat.remote" : "chat.local")}
                    {model.context ? ` · ${t("models.context", { count: model.context })}` : ""}
                  </span>
                </li>
              ))}
            </ul>
          </Card>
        );
      })}
    </>
  );
}
