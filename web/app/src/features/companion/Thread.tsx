import { useEffect, useLayoutEffect, useRef } from "react";
import { IconButton } from "../../components/ui/Button";
import { t } from "../../i18n/chat";
import { usePrefs } from "../../lib/prefs";
import { FollowUp } from "../crisis/FollowUp";
import { Begin } from "./Begin";
import { ChatProblem } from "./ChatProblem";
import { Composer } from "./Composer";
import { ConversationActions } from "./ConversationActions";
import { MessageView } from "./MessageView";
import { ModelChoice } from "./ModelChoice";
import { useThread } from "./thread";
import type { Message } from "./tree";

interface Props {
  id: string | undefined;
  onBegun: (id: string) => void;
  onOpen: (id: string | undefined) => void;
  onList: () => void;
}

export function Thread({ id, onBegun, onOpen, onList }: Props) {
  const { discreet } = usePrefs();
  const thread = useThread(id, onBegun, onOpen);
  const { answer, busy, shown, stop } = thread;
  useEscape(busy, stop);
  const end = useEndInView(
    shown.length > 0 && `${id} ${shown.length} ${answer?.text.length} ${answer?.state}`,
  );
  const title = thread.conversation?.title;
  const empty = shown.length === 0 && !thread.loading;
  return (
    <section
      aria-label={title || t("chat.new")}
      className="flex min-h-[calc(100dvh-12rem)] min-w-0 flex-col lg:min-h-[calc(100dvh-6rem)]"
    >
      <div className="mb-5 flex items-center gap-2">
        <IconButton
          icon="list"
          label={t("chat.list")}
          onClick={onList}
          className="-ml-3 xl:hidden"
        />
        <h1
          className={`min-w-0 flex-1 truncate ${empty ? "sr-only" : "text-xl sm:text-2xl"} ${discreet ? "blur-sm hover:blur-none" : ""}`}
        >
          {title || t("chat.new")}
        </h1>
        {empty && <span className="flex-1" />}
        <ModelChoice value={thread.model} onChange={thread.choose} />
        {thread.conversation && (
          <ConversationActions
            conversation={thread.conversation}
            messages={shown}
            onGone={() => onOpen(undefined)}
          />
        )}
      </div>
      {empty && !thread.error ? (
        <FollowUp otherwise={<Begin onPick={(words) => void thread.say(words)} />} />
      ) : (
        <ol className="grid gap-6">
          {shown.map((message) => (
            <li key={message.id}>
              <MessageView message={message} thread={thread} />
            </li>
          ))}
        </ol>
      )}
      <ChatProblem error={answer?.failure && !answer.id ? answer.failure : thread.error} />
      {!empty && !busy && <FollowUp />}
      <div ref={end} className="h-6" />
      <Composer busy={busy} model={thread.model} onSay={thread.say} onStop={stop} />
      <Told state={answer?.state} last={shown.at(-1)} />
    </section>
  );
}

// Told to screen readers: that an answer is being written, that a tool of it waits, and then the whole
// of it, once.
function Told({ state, last }: { state: string | undefined; last: Message | undefined }) {
  const wrote = useRef(false);
  const busy = state !== undefined && state !== "ended";
  if (busy) wrote.current = true;
  const asks = last?.tools.some((use) => use.state === "waiting");
  const text = last?.content ?? "";
  const ended = wrote.current ? t("chat.answered", { text }) : "";
  const words = busy ? t(asks ? "tool.asks" : "chat.writing") : ended;
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  );
}

// Esc stops, unless it closes something that lies above.
function useEscape(busy: boolean, stop: () => void): void {
  const act = useRef(stop);
  act.current = stop;
  useEffect(() => {
    if (!busy) return;
    const pressed = (event: KeyboardEvent) => {
      const covered = document.querySelector('[role="dialog"], [role="alertdialog"]');
      if (event.key === "Escape" && !covered) act.current();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [busy]);
}

// Stays at the end while an answer grows, unless the person has gone up to read.
function useEndInView(changed: string | false) {
  const end = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const look = () => {
      const below = document.documentElement.scrollHeight - innerHeight - scrollY;
      atEnd.current = below < 160;
    };
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  useLayoutEffect(() => {
    // To ask how high an empty page is would have it laid out twice.
    if (changed && atEnd.current) scrollTo(0, document.documentElement.scrollHeight);
  }, [changed]);
  return end;
}
