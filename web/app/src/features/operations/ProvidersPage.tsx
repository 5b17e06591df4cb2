import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { Elsewhere } from "./Elsewhere";
import { ProviderCard } from "./ProviderCard";
import { ProviderForm } from "./ProviderForm";
import { healthQuery, setupsQuery } from "./providers";

// Who answers: every provider with where it comes from, how it is, and who may use its models.
export function ProvidersPage() {
  const list = useQuery(setupsQuery);
  const health = useQuery(healthQuery);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Problem error={list.error ?? health.error} />
      {list.data?.providers.map((provider) => (
        <ProviderCard
          key={provider.id}
          provider={provider}
          health={health.data?.providers.find((one) => one.id === provider.id)}
        />
      ))}
      <Card title={t("providers.add")}>
        {adding ? (
          <ProviderForm onDone={() => setAdding(false)} />
        ) : (
          <Button icon="plus" onClick={() => setAdding(true)}>
            {t("providers.add")}
          </Button>
        )}
      </Card>
      {list.data && <Elsewhere allowed={list.data.elsewhere} />}
    </>
  );
}
