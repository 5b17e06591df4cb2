import { data } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Problem } from "../../components/ui/Notice";
import { Toggle } from "../../components/ui/Toggle";
import { t } from "../../i18n/memory";
import { api } from "../../lib/api";
import { dayOf } from "../../lib/dates";
import { saveAs } from "../../lib/files";
import { MEMORY, statusQuery } from "./api";
import { Facts } from "./Facts";

// What the companion may remember: whether at all, what it is, and how it is found.
export function MemoryPage() {
  const queries = useQueryClient();
  const status = useQuery(statusQuery);
  const wish = useMutation({
    mutationFn: (enabled: boolean) => data(api.PUT("/api/memory", { body: { enabled } })),
    onSuccess: (now) => queries.setQueryData(statusQuery.queryKey, now),
  });
  const enabled = status.data?.enabled ?? false;
  return (
    <>
      <Card title={t("memory.title")}>
        <p className="max-w-prose text-soft">{t("memory.text")}</p>
        <Problem error={status.error ?? wish.error} className="my-3" />
        <Toggle
          label={t("memory.on")}
          hint={t("memory.onHint")}
          checked={enabled}
          disabled={!status.isSuccess || wish.isPending}
          onChange={(on) => wish.mutate(on)}
        />
        <h3 className="mt-2 text-lg">{t("memory.how")}</h3>
        <p className="max-w-prose text-soft">{t("memory.howText")}</p>
        {status.data && (
          <p className="mt-2 max-w-prose text-soft">
            {t(`memory.retrieval.${status.data.retrieval}`)}
          </p>
        )}
      </Card>
      <Card title={t("memory.facts")}>
        <Facts enabled={enabled} />
        <Everything count={status.data?.facts ?? 0} />
      </Card>
    </>
  );
}

function Everything({ count }: { count: number }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const save = useMutation({
    mutationFn: async () => {
      const file = await data(api.GET("/api/memory/export", { parseAs: "blob" }));
      saveAs(file as Blob, `salus-memory-${dayOf(new Date())}.json`);
    },
  });
  const forget = useMutation({
    mutationFn: () => data(api.DELETE("/api/memory/facts")),
    onSuccess: () => {
      setAsking(false);
      return queries.invalidateQueries({ queryKey: MEMORY });
    },
  });
  if (count === 0) return null;
  return (
    <div className="mt-4 flex flex-wrap gap-2">
      <Button icon="down" busy={save.isPending} onClick={() => save.mutate()}>
        {t("memory.export")}
      </Button>
      <Button icon="trash" onClick={() => setAsking(true)}>
        {t("memory.deleteAll")}
      </Button>
      <Problem error={save.error} className="basis-full" />
      <Ask
        open={asking}
        title={t("memory.deleteAllTitle")}
        yes={t("memory.deleteAll")}
        danger
        busy={forget.isPending}
        onYes={() => forget.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("memory.deleteAllText", { count })}
        <Problem error={forget.error} className="mt-3" />
      </Ask>
    </div>
  );
}
