import type { Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Ask, Sheet } from "../../components/ui/Ask";
import { Button, IconButton } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/chat";
import { dayOf } from "../../lib/dates";
import { saveAs } from "../../lib/files";
import { type Conversation, change, conversationKey, KEY, LISTS, remove } from "./api";
import { Agreed } from "./tools/Agreed";
import { asMarkdown, type Message } from "./tree";

interface Props {
  conversation: Conversation;
  messages: readonly Message[];
  onGone: () => void;
}

export function ConversationActions({ conversation, messages, onGone }: Props) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const changing = useMutation({
    mutationFn: (part: Schemas["ConversationChange"]) => change(conversation.id, part),
    onSuccess: (now) => {
      queries.setQueryData(conversationKey(now.id), now);
      setOpen(false);
      return queries.invalidateQueries({ queryKey: LISTS });
    },
  });
  const deleting = useMutation({
    mutationFn: () => remove(conversation.id),
    onSuccess: () => {
      onGone();
      void queries.invalidateQueries({ queryKey: [...KEY, "list"] });
    },
  });
  const save = () => {
    const title = conversation.title || t("chat.untitled");
    const text = asMarkdown(title, messages, t("chat.you"));
    saveAs(new Blob([text], { type: "text/markdown" }), `salus-${dayOf(new Date())}.md`);
    setOpen(false);
  };
  return (
    <>
      <IconButton icon="more" label={t("chat.actions")} onClick={() => setOpen(true)} />
      <Sheet open={open} title={t("chat.actions")} onClose={() => setOpen(false)}>
        <div className="grid gap-5">
          <Rename
            title={conversation.title}
            busy={changing.isPending}
            onRename={(title) => changing.mutate({ title })}
          />
          <Agreed
            tools={conversation.always_tools}
            busy={changing.isPending}
            onChange={(always_tools) => changing.mutate({ always_tools })}
          />
          <Problem error={changing.error ?? deleting.error} />
          <div className="flex flex-wrap gap-2">
            <Button
              icon="archive"
              busy={changing.isPending}
              onClick={() => changing.mutate({ archived: !conversation.archived })}
            >
              {t(conversation.archived ? "chat.unarchive" : "chat.archive")}
            </Button>
            <Button icon="down" onClick={save}>
              {t("chat.save")}
            </Button>
            <Button
              icon="trash"
              kind="danger"
              onClick={() => {
                setOpen(false);
                setAsking(true);
              }}
            >
              {t("chat.delete")}
            </Button>
          </div>
        </div>
      </Sheet>
      <Ask
        open={asking}
        title={t("chat.deleteTitle")}
        yes={t("chat.delete")}
        danger
        busy={deleting.isPending}
        onYes={() => deleting.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("chat.deleteText")}
      </Ask>
    </>
  );
}

interface RenameProps {
  title: string;
  busy: boolean;
  onRename: (title: string) => void;
}

function Rename({ title, busy, onRename }: RenameProps) {
  const [text, setText] = useState(title);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onRename(text.trim());
  };
  return (
    <form onSubmit={submit} className="flex items-end gap-2">
      <Field
        label={t("chat.title")}
        value={text}
        maxLength={200}
        onChange={(event) => setText(event.target.value)}
        className="min-w-0 flex-1"
      />
      <Button type="submit" busy={busy} disabled={!text.trim() || text.trim() === title}>
        {t("chat.rename")}
      </Button>
    </form>
  );
}
