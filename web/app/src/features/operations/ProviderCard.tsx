import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Icon } from "../../components/ui/Icon";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { ModelRoles } from "./ModelRoles";
import { ProviderForm } from "./ProviderForm";
import { PROVIDERS, type Setup } from "./providers";

interface Props {
  provider: Setup;
  health: Schemas["ProviderHealth"] | undefined;
}

export function ProviderCard({ provider, health }: Props) {
  const [changing, setChanging] = useState(false);
  const own = provider.origin === "added";
  return (
    <Card title={provider.id} action={<State health={health} />}>
      <p className="text-soft text-sm">{about(provider)}</p>
      {provider.url && <p className="break-all font-mono text-sm">{provider.url}</p>}
      {changing ? (
        <div className="mt-4">
          <ProviderForm present={provider} onDone={() => setChanging(false)} />
        </div>
      ) : (
        <Models provider={provider} />
      )}
      <Deeds
        provider={provider}
        onChange={own && !changing ? () => setChanging(true) : undefined}
      />
    </Card>
  );
}

function State({ health }: { health: Props["health"] }) {
  if (!health) return null;
  return (
    <span className={`flex items-center gap-2 ${health.ok ? "" : "text-care"}`}>
      <Icon name={health.ok ? "check" : "close"} />
      {health.ok ? t("models.answers") : (health.error ?? t("models.silent"))}
    </span>
  );
}

function Models({ provider }: { provider: Setup }) {
  if (provider.models.length === 0) return <p className="mt-3">{t("models.none")}</p>;
  return (
    <ul className="mt-3 divide-y divide-line">
      {provider.models.map((model) => (
        <li key={model.id} className="flex flex-wrap items-center justify-between gap-x-4 py-2">
          <span>
            {model.title}
            {model.context ? (
              <span className="text-soft text-sm">
                {" "}
                {t("models.context", { count: model.context })}
              </span>
            ) : null}
          </span>
          {model.location === "builtin" ? (
            <span className="text-soft text-sm">{t("models.forAll")}</span>
          ) : (
            <ModelRoles model={model} />
          )}
        </li>
      ))}
    </ul>
  );
}

// It is tried with a real question; what goes wrong is said in the words of the server.
function Deeds({ provider, onChange }: { provider: Setup; onChange: (() => void) | undefined }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const path = { id: provider.id };
  const trial = useMutation({
    mutationFn: () => data(api.POST("/api/providers/{id}/test", { params: { path }, body: {} })),
  });
  const removal = useMutation({
    mutationFn: () => data(api.DELETE("/api/providers/{id}", { params: { path } })),
    onSuccess: () => {
      setAsking(false);
      return Promise.all([
        queries.invalidateQueries({ queryKey: PROVIDERS }),
        queries.invalidateQueries({ queryKey: ["companion"] }),
      ]);
    },
  });
  return (
    <div className="mt-4 grid gap-3">
      <Problem error={trial.error ?? removal.error} />
      {trial.data && (
        <Notice role="status" kind={trial.data.ok ? "calm" : "warn"}>
          {result(trial.data)}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button busy={trial.isPending} onClick={() => trial.mutate()}>
          {t("providers.try")}
        </Button>
        {onChange && (
          <Button icon="pencil" onClick={onChange}>
            {t("providers.change")}
          </Button>
        )}
        {provider.origin === "added" && (
          <Button kind="danger" onClick={() => setAsking(true)}>
            {t("providers.remove")}
          </Button>
        )}
      </div>
      <Ask
        open={asking}
        danger
        title={t("providers.removeTitle", { name: provider.id })}
        yes={t("providers.remove")}
        busy={removal.isPending}
        onYes={() => removal.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("providers.removeText")}
      </Ask>
    </div>
  );
}

function about(provider: Setup): string {
  const place = provider.origin !== "builtin" && (provider.local ? "local" : "elsewhere");
  return [
    t(`providers.${provider.origin}`),
    place && t(`providers.${place}`),
    provider.has_key && t("providers.hasKey"),
  ]
    .filter(Boolean)
    .join(" · ");
}

function result(tested: Schemas["ProviderTested"]): string {
  if (!tested.ok) return tested.message ?? t("models.silent");
  const seconds = Math.max(0.1, tested.milliseconds / 1000).toFixed(1);
  if (!tested.model) return t("providers.listsOnly");
  return t("providers.worksFor", { model: tested.model, seconds });
}
