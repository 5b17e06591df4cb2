import { data } from "@salus/api-client";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button, IconButton } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/memory";
import { api } from "../../lib/api";
import { mediumDay } from "../../lib/dates";
import { SafetyCard } from "../crisis/SafetyCard";
import { type Fact, factsQuery, MEMORY } from "./api";
import { FactForm } from "./FactForm";

// What is remembered, newest first; new ones only while memory is on.
export function Facts({ enabled }: { enabled: boolean }) {
  const queries = useQueryClient();
  const list = useInfiniteQuery(factsQuery);
  const [open, setOpen] = useState<string>();
  const [asking, setAsking] = useState<Fact>();
  const [safety, setSafety] = useState<{ alert: boolean } | null>();
  const remove = useMutation({
    mutationFn: (id: string) =>
      data(api.DELETE("/api/memory/facts/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      setAsking(undefined);
      return queries.invalidateQueries({ queryKey: MEMORY });
    },
  });
  const facts = list.data?.pages.flatMap((page) => page.facts) ?? [];
  const kept = (found: { alert: boolean } | null | undefined) => {
    setOpen(undefined);
    setSafety(found);
  };
  const close = () => setOpen(undefined);
  return (
    <>
      <Problem error={list.error} className="mb-3" />
      {list.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {list.isSuccess && facts.length === 0 && <p className="mb-4">{t("memory.none")}</p>}
      <ul className="mb-4 divide-y divide-line empty:hidden">
        {facts.map((fact) => (
          <li key={fact.id} className="py-3">
            {open === fact.id ? (
              <FactForm fact={fact} onKept={kept} onClose={close} />
            ) : (
              <Shown fact={fact} onEdit={() => setOpen(fact.id)} onDelete={() => setAsking(fact)} />
            )}
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          className="mb-4"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("memory.more")}
        </Button>
      )}
      {safety && <SafetyCard alert={safety.alert} />}
      {enabled &&
        (open === "new" ? (
          <FactForm onKept={kept} onClose={close} />
        ) : (
          <Button kind="primary" icon="plus" onClick={() => setOpen("new")}>
            {t("memory.add")}
          </Button>
        ))}
      <Ask
        open={Boolean(asking)}
        title={t("memory.deleteTitle")}
        yes={t("memory.delete")}
        danger
        busy={remove.isPending}
        onYes={() => asking && remove.mutate(asking.id)}
        onClose={() => setAsking(undefined)}
      >
        <p className="break-words">{asking?.text}</p>
        <Problem error={remove.error} className="mt-3" />
      </Ask>
    </>
  );
}

interface ShownProps {
  fact: Fact;
  onEdit: () => void;
  onDelete: () => void;
}

function Shown({ fact, onEdit, onDelete }: ShownProps) {
  const day = mediumDay(new Date(fact.created_at));
  return (
    <div className="flex items-start gap-2">
      <div className="min-w-0 flex-1">
        <p className="whitespace-pre-wrap break-words">{fact.text}</p>
        <p className="mt-1 text-soft text-sm">
          {t(`memory.kind.${fact.kind}`)} · {t(`memory.from.${fact.origin}`, { day })}
        </p>
      </div>
      <IconButton icon="pencil" label={`${t("memory.edit")}: ${fact.text}`} onClick={onEdit} />
      <IconButton icon="trash" label={`${t("memory.delete")}: ${fact.text}`} onClick={onDelete} />
    </div>
  );
}
