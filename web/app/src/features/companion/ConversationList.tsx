import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/chat";
import { mediumDay } from "../../lib/dates";
import { usePrefs } from "../../lib/prefs";
import { conversationsQuery } from "./api";

interface Props {
  current: string | undefined;
  onOpen: (id: string | undefined) => void;
}

export function ConversationList({ current, onOpen }: Props) {
  const { discreet } = usePrefs();
  const [words, setWords] = useState("");
  const [archived, setArchived] = useState(false);
  const asked = useDeferredValue(words.trim());
  const list = useInfiniteQuery(conversationsQuery(asked, archived));
  const found = list.data?.pages.flatMap((page) => page.conversations) ?? [];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <Button icon="plus" className="w-full" onClick={() => onOpen(undefined)}>
        {t("chat.new")}
      </Button>
      <div className="relative">
        <Icon
          name="search"
          className="pointer-events-none absolute top-3 left-4 size-5 text-soft"
        />
        <input
          type="search"
          name="q"
          aria-label={t("chat.search")}
          placeholder={t("journal.search")}
          value={words}
          maxLength={200}
          onChange={(event) => setWords(event.target.value)}
          className="min-h-11 w-full rounded-full border border-edge bg-surface pr-4 pl-11 placeholder:text-soft"
        />
      </div>
      {archived && <h2 className="px-3 text-lg">{t("chat.archived")}</h2>}
      <Problem error={list.error} />
      {list.isSuccess && found.length === 0 && !list.hasNextPage && (
        <p className="px-3 text-soft text-sm">{t(asked ? "chat.noneFound" : "chat.none")}</p>
      )}
      <ul className="grid grid-cols-[minmax(0,1fr)] gap-0.5">
        {found.map((conversation) => (
          <li key={conversation.id}>
            <Link
              to="/chat/$id"
              params={{ id: conversation.id }}
              onClick={() => onOpen(conversation.id)}
              aria-current={conversation.id === current ? "page" : undefined}
              className="block rounded-field px-3 py-2 transition-colors hover:bg-sunken aria-[current=page]:bg-brand-soft"
            >
              <span className={`block truncate font-medium ${discreet ? "blur-sm" : ""}`}>
                {conversation.title || t("chat.untitled")}
              </span>
              <span className="block text-soft text-sm">
                {mediumDay(new Date(conversation.updated_at))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          kind="quiet"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("action.more")}
        </Button>
      )}
      <Button kind="quiet" className="text-sm" onClick={() => setArchived(!archived)}>
        {t(archived ? "chat.showCurrent" : "chat.showArchived")}
      </Button>
    </div>
  );
}
