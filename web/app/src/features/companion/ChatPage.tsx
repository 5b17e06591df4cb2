import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { Sheet } from "../../components/ui/Ask";
import { t } from "../../i18n/chat";
import { onOtherWindows } from "./answers";
import { LISTS, messagesKey } from "./api";
import { ConversationList } from "./ConversationList";
import { Thread } from "./Thread";

export function ChatPage() {
  const { id } = useParams({ strict: false });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [listing, setListing] = useState(false);
  const open = (next: string | undefined) => {
    setListing(false);
    void (next
      ? navigate({ to: "/chat/$id", params: { id: next } })
      : navigate({ to: "/chat", search: {} }));
  };
  // A conversation that has just got its id is the same one on the screen; another begins anew.
  const begun = useRef<string>(undefined);
  const [seat, setSeat] = useState({ id, key: 0 });
  if (seat.id !== id) setSeat({ id, key: seat.key + (begun.current === id ? 0 : 1) });
  // Heard in this window too, where a conversation is shown that an answer belongs to.
  useEffect(
    () =>
      onOtherWindows((conversation) => {
        void queries.invalidateQueries({ queryKey: LISTS });
        void queries.invalidateQueries({ queryKey: messagesKey(conversation) });
      }),
    [queries],
  );
  return (
    <div className="xl:grid xl:grid-cols-[15.5rem_minmax(0,1fr)] xl:gap-10">
      <aside
        aria-label={t("chat.list")}
        className="sticky top-10 hidden max-h-[calc(100dvh-5rem)] self-start overflow-y-auto xl:block"
      >
        <ConversationList current={id} onOpen={open} />
      </aside>
      <Thread
        key={seat.key}
        id={id}
        onBegun={(next) => {
          begun.current = next;
          open(next);
        }}
        onOpen={open}
        onList={() => setListing(true)}
      />
      <Sheet open={listing} title={t("chat.list")} onClose={() => setListing(false)}>
        <ConversationList current={id} onOpen={open} />
      </Sheet>
    </div>
  );
}
