import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { Button } from "../../../components/ui/Button";
import { Icon } from "../../../components/ui/Icon";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/chat";
import { api } from "../../../lib/api";
import { KEY } from "../api";
import type { Message } from "../tree";
import { titleOf } from "./titles";
import { proposed, readable, stateOf, type Use } from "./uses";

interface Props {
  use: Use;
  message: Message;
}

// A tool that a model asked for: what it is, what it would see or do, and what came of it.
export function ToolCard({ use, message }: Props) {
  const card = useRef<HTMLElement>(null);
  const title = titleOf(use.tool);
  const state = stateOf(use, message.state === "running");
  return (
    <section
      ref={card}
      tabIndex={-1}
      aria-label={title}
      className="my-3 grid gap-2 rounded-card border border-line bg-surface px-4 py-3"
    >
      <div className="flex flex-wrap items-center gap-x-2">
        <Icon name="tool" className="size-5 text-brand" />
        <h3 className="min-w-0 break-words font-sans font-semibold">{title}</h3>
        <span className="ml-auto text-soft text-sm">{t(`tool.state.${state}`)}</span>
      </div>
      {state === "waiting" && <Wanted use={use} />}
      <Fold label={t("tool.arguments")} text={readable(use.arguments)} />
      {state === "waiting" ? (
        // The buttons go away once something was said; whoever pressed one stays where they were.
        <Decide use={use} message={message} onDecided={() => card.current?.focus()} />
      ) : (
        <Fold label={t("tool.result")} text={use.result} />
      )}
    </section>
  );
}

function Wanted({ use }: { use: Use }) {
  const sentence = proposed(use);
  return (
    <>
      <p>{t(`tool.touches.${use.touches}`, { server: use.server ?? "" })}</p>
      {sentence && <blockquote className="border-brand border-l-2 pl-4">{sentence}</blockquote>}
    </>
  );
}

function Fold({ label, text }: { label: string; text: string }) {
  if (!text) return null;
  return (
    <details className="text-sm">
      <summary className="cursor-pointer py-1 font-semibold text-soft">{label}</summary>
      <p className="mt-1 whitespace-pre-wrap break-words border-line border-l-2 pl-4 text-soft">
        {text}
      </p>
    </details>
  );
}

function Decide({ use, message, onDecided }: Props & { onDecided: () => void }) {
  const queries = useQueryClient();
  const saying = useMutation({
    mutationFn: (decision: Schemas["ToolDecision"]) => {
      const body = { stream_id: message.id, number: use.number, decision };
      return data(api.POST("/api/chat/approve", { body }));
    },
    onMutate: onDecided,
    // What became of it comes with the answer; where that is over, with the list.
    onSuccess: ({ taken }) =>
      taken ? undefined : queries.invalidateQueries({ queryKey: [...KEY, "messages"] }),
  });
  const said = saying.isPending || saying.data?.taken;
  return (
    <>
      <Problem error={saying.error} />
      {saying.data?.taken === false && <p className="text-soft text-sm">{t("tool.late")}</p>}
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" busy={said} onClick={() => saying.mutate("once")}>
          {t("tool.once")}
        </Button>
        {use.may_always && (
          <Button busy={said} onClick={() => saying.mutate("always")}>
            {t("tool.always")}
          </Button>
        )}
        <Button busy={said} onClick={() => saying.mutate("refuse")}>
          {t("tool.no")}
        </Button>
      </div>
    </>
  );
}
