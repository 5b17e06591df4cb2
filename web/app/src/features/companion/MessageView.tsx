import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button, IconButton } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { withWords } from "../../i18n";
import { t } from "../../i18n/chat";
import { SafetyCard } from "../crisis/SafetyCard";
import { readCareWords } from "../wellbeing/lang";
import { CopyButton } from "./CopyButton";
import { EditForm } from "./EditForm";
import type { ThreadState } from "./thread";
import { besideAnswer, type Message, versions } from "./tree";
import { Written } from "./Written";

const Pictures = lazy(() => import("./pictures/Shown"));
const Mentioned = lazy(withWords(() => import("../wellbeing/Mentioned"), readCareWords));

interface Props {
  message: Message;
  thread: ThreadState;
}

export function MessageView({ message, thread }: Props) {
  return message.role === "user" ? (
    <Said message={message} thread={thread} />
  ) : (
    <Answered message={message} thread={thread} />
  );
}

function Said({ message, thread }: Props) {
  const [editing, setEditing] = useState(false);
  const [asking, setAsking] = useState(false);
  const stored = message.id !== "asked";
  const answered = message.id === (thread.answer?.asked ?? "asked");
  const sent = (answered && thread.answer?.sent) || [];
  if (editing) {
    const send = (words: string) => {
      setEditing(false);
      thread.edit(message, words);
    };
    return <EditForm words={message.content} onSend={send} onClose={() => setEditing(false)} />;
  }
  return (
    <div className="grid justify-items-end">
      <h2 className="sr-only">{t("chat.you")}</h2>
      {message.content && (
        <p className="max-w-[88%] whitespace-pre-wrap break-words rounded-[1.4rem] rounded-br-md bg-brand-soft px-4 py-2.5">
          {message.content}
        </p>
      )}
      {message.pictures.length + sent.length > 0 && (
        <Suspense fallback={null}>
          <Pictures stored={message.pictures} sent={sent} />
        </Suspense>
      )}
      {stored && (
        <div className="mt-1 flex items-center">
          <Versions message={message} thread={thread} />
          <CopyButton text={message.content} label={t("chat.copy")} />
          <IconButton
            icon="pencil"
            label={t("chat.edit")}
            disabled={thread.busy}
            onClick={() => setEditing(true)}
          />
          <IconButton
            icon="trash"
            label={t("chat.deleteFrom")}
            disabled={thread.busy}
            onClick={() => setAsking(true)}
          />
        </div>
      )}
      <Ask
        open={asking}
        title={t("chat.deleteFromTitle")}
        yes={t("chat.delete")}
        danger
        onYes={() => {
          setAsking(false);
          thread.removeFrom(message);
        }}
        onClose={() => setAsking(false)}
      >
        {t("chat.deleteFromText")}
      </Ask>
    </div>
  );
}

function Answered({ message, thread }: Props) {
  const running = message.state === "running";
  const beside = besideAnswer(message.safety?.message, message.content);
  const live = thread.answer?.id === message.id ? thread.answer : undefined;
  return (
    <div className="flex gap-3.5">
      <span
        aria-hidden="true"
        className={`mt-0.5 hidden size-8 shrink-0 place-items-center rounded-full bg-brand-soft text-brand sm:grid ${running ? "breathe" : ""}`}
      >
        <Icon name="leaf" className="size-4.5" />
      </span>
      <div className="min-w-0 flex-1">
        <h2 className="sr-only">Salus</h2>
        {message.notice && <p className="mb-2 text-soft text-sm">{message.notice.text}</p>}
        {message.safety?.alert && <SafetyCard alert words={beside} />}
        <Reasoning text={message.reasoning} />
        <Written message={message} />
        {!running && message.content && (
          <Suspense fallback={null}>
            <Mentioned text={message.content} />
          </Suspense>
        )}
        {message.safety?.support && !message.safety.alert && <SafetyCard alert={false} />}
        {!running && <Ending message={message} thread={thread} lost={live?.failure?.isOffline} />}
      </div>
    </div>
  );
}

function Reasoning({ text }: { text: string }) {
  if (!text) return null;
  return (
    <details className="mb-2 text-sm">
      <summary className="cursor-pointer font-semibold text-soft">{t("chat.reasoning")}</summary>
      <p className="mt-2 whitespace-pre-wrap border-line border-l-2 pl-4 text-soft">{text}</p>
    </details>
  );
}

function Ending({ message, thread, lost }: Props & { lost: boolean | undefined }) {
  const broke = message.state === "failed";
  return (
    <>
      {message.state === "stopped" && <p className="mt-2 text-soft text-sm">{t("chat.stopped")}</p>}
      {(broke || lost) && (
        <div role="alert" className="mt-3 rounded-field bg-warn-soft px-4 py-3">
          {lost ? t("chat.lost") : `${t("chat.broke")} ${reason(message.error)}`}
          {broke && (
            <Button
              icon="again"
              className="mt-2 flex"
              disabled={thread.busy}
              onClick={() => thread.again(message)}
            >
              {t("action.retry")}
            </Button>
          )}
        </div>
      )}
      <div className="mt-1 -ml-3 flex flex-wrap items-center">
        <Versions message={message} thread={thread} />
        <CopyButton text={message.content} label={t("chat.copy")} />
        <IconButton
          icon="again"
          label={t("chat.again")}
          disabled={thread.busy}
          onClick={() => thread.again(message)}
        />
        <IconButton
          icon="fork"
          label={t("chat.fork")}
          disabled={thread.busy}
          onClick={() => thread.fork(message)}
        />
        <Remembered count={message.memories.length} />
        <Details message={message} />
      </div>
    </>
  );
}

const REASONS = [
  "PROVIDER_BUSY",
  "PROVIDER_LIMITED",
  "PROVIDER_MISCONFIGURED",
  "PROVIDER_TIMEOUT",
  "PROVIDER_UNREACHABLE",
] as const;

function reason(code: string | null | undefined): string {
  const known = REASONS.find((one) => one === code);
  return known ? t(`chat.broke.${known}`) : "";
}

function Versions({ message, thread }: Props) {
  const all = versions(thread.messages, message);
  const at = all.findIndex((one) => one.id === message.id);
  if (all.length < 2) return null;
  const go = (to: number) => {
    const next = all[to];
    if (next) thread.show(next);
  };
  return (
    <span className="flex items-center text-soft text-sm tabular-nums">
      <IconButton
        icon="back"
        label={t("chat.previous")}
        disabled={at <= 0 || thread.busy}
        onClick={() => go(at - 1)}
      />
      {t("chat.version", { at: at + 1, count: all.length })}
      <IconButton
        icon="chevron"
        label={t("chat.next")}
        disabled={at >= all.length - 1 || thread.busy}
        onClick={() => go(at + 1)}
      />
    </span>
  );
}

// What was told of the person's memory, or kept in it, is one step away from where it can be deleted.
function Remembered({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Link to="/account/memory" className="ml-2 py-2 text-soft text-sm underline">
      {t("chat.memories", { count })}
    </Link>
  );
}

function Details({ message }: { message: Message }) {
  const { usage, model } = message;
  if (!usage || !model) return null;
  const price = usage.micro_usd;
  return (
    <details className="ml-2 text-soft text-sm">
      <summary className="cursor-pointer py-2">{t("chat.details")}</summary>
      <p className="pb-2">
        {t("chat.usage", {
          model,
          input: usage.input_tokens,
          output: usage.output_tokens,
          cost: `${price ? `, $${(price / 1e6).toFixed(4)}` : ""}${usage.estimated ? t("chat.estimated") : ""}`,
        })}
      </p>
    </details>
  );
}
