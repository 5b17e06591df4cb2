import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/mcp";
import { lookAt, remove, SERVERS, type Server } from "./servers";
import { Tools } from "./Tools";

export function ServerCard({ server }: { server: Server }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const looking = useMutation({ mutationFn: () => lookAt(server.name) });
  const removal = useMutation({
    mutationFn: () => remove(server.name),
    onSuccess: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: SERVERS });
    },
  });
  const seen = looking.data;
  return (
    <Card title={server.name}>
      <p className="text-soft text-sm">{about(server)}</p>
      <p className="break-all font-mono text-sm">{server.url}</p>
      <div className="mt-4 grid gap-4">
        <Problem error={looking.error ?? removal.error} />
        {seen?.problem && (
          <Notice kind="warn" role="alert">
            {t("mcp.silent")} {seen.problem}
          </Notice>
        )}
        {seen && !seen.problem && seen.tools.length === 0 && <p>{t("mcp.empty")}</p>}
        {seen && seen.tools.length > 0 && (
          // What was looked at anew is ticked anew.
          <Tools key={looking.submittedAt} server={server.name} tools={seen.tools} />
        )}
        <div className="flex flex-wrap gap-2">
          <Button icon="eye" busy={looking.isPending} onClick={() => looking.mutate()}>
            {t("mcp.look")}
          </Button>
          <Button kind="danger" onClick={() => setAsking(true)}>
            {t("providers.remove")}
          </Button>
        </div>
      </div>
      <Ask
        open={asking}
        danger
        title={t("providers.removeTitle", { name: server.name })}
        yes={t("providers.remove")}
        busy={removal.isPending}
        onYes={() => removal.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("mcp.removeText")}
      </Ask>
    </Card>
  );
}

function about(server: Server): string {
  return [
    t(server.local ? "providers.local" : "providers.elsewhere"),
    server.has_key && t("providers.hasKey"),
    t("mcp.allowed", { count: server.allowed.length }),
  ]
    .filter(Boolean)
    .join(" · ");
}
