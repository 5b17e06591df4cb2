import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/mcp";
import { ServerCard } from "./ServerCard";
import { ServerForm } from "./ServerForm";
import { serversQuery } from "./servers";

// Whose tools models may ask for, beside those of Salus itself.
export function ServersPage() {
  const list = useQuery(serversQuery);
  const [adding, setAdding] = useState(false);
  return (
    <>
      <Problem error={list.error} />
      <Card title={t("mcp.title")}>
        <p className="mb-4 text-soft">{t("mcp.text")}</p>
        {adding ? (
          <ServerForm onDone={() => setAdding(false)} />
        ) : (
          <Button icon="plus" onClick={() => setAdding(true)}>
            {t("mcp.add")}
          </Button>
        )}
      </Card>
      {list.data?.servers.map((server) => (
        <ServerCard key={server.name} server={server} />
      ))}
    </>
  );
}
