// What a conversation on the screen knows and can do.
import type { Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { currentLocale } from "../../i18n";
import { getPrefs } from "../../lib/prefs";
import { currentCountry } from "../crisis/resources";
import { ask, dismiss, follow, NEW, stop, useAnswer } from "./answers";
import {
  change,
  conversationKey,
  conversationQuery,
  copyUpTo,
  LISTS,
  messagesKey,
  messagesQuery,
  removeMessage,
  rewrite,
  showBranch,
} from "./api";
import type { Chosen } from "./pictures/limits";
import { branch, endBelow, type Message, withAnswer } from "./tree";

export function useThread(
  id: string | undefined,
  onBegun: (id: string) => void,
  onOpen: (id: string) => void,
) {
  const queries = useQueryClient();
  const place = id ?? NEW;
  const answer = useAnswer(place);
  const conversation = useQuery({ ...conversationQuery(id ?? ""), enabled: Boolean(id) });
  const list = useQuery({ ...messagesQuery(id ?? ""), enabled: Boolean(id) });
  const [model, setModel] = useState<string>();
  const [chosen, setChosen] = useState<string>();
  const stored = id ? (list.data ?? []) : [];
  const { messages, leaf } = withAnswer(stored, answer);
  const shown = branch(messages, leaf ?? chosen ?? conversation.data?.leaf_id);
  const busy = Boolean(answer && answer.state !== "ended");

  // biome-ignore lint/correctness/useExhaustiveDependencies: another conversation begins anew
  useEffect(() => {
    setChosen(undefined);
    return () => {
      const left = queries.getQueryData<{ state: string }>(["companion", "answer", place]);
      if (left?.state === "ended") dismiss(queries, place);
    };
  }, [place]);

  // An answer that is being written, by a page before this one or by another window, is read along.
  const running = stored.findLast((message) => message.state === "running");
  useEffect(() => {
    if (id && running) follow(queries, id, running);
  }, [queries, id, running]);

  type Part = Pick<Schemas["ChatRequest"], "content" | "parent_id" | "reply_to" | "pictures">;
  const request = (part: Part, sent?: readonly Blob[]) => {
    setChosen(undefined);
    const country = currentCountry();
    const { tools } = getPrefs();
    const wish = { language: currentLocale(), tools, ...(country && { country }), ...part };
    return ask({
      queries,
      sent,
      request: { ...wish, ...(id && { conversation_id: id }), ...(model && { model }) },
      onBegun: (begun) => {
        if (id) return;
        onBegun(begun);
        if (model) void change(begun, { model });
      },
    });
  };

  const show = useMutation({
    mutationFn: (leaf_id: string) => showBranch(id ?? "", leaf_id),
    onSuccess: (now) => queries.setQueryData(conversationKey(now.id), now),
  });
  const editing = useMutation({
    mutationFn: async ({ message, words }: { message: Message; words: string }) => {
      const written = await rewrite(message.id, words);
      await queries.invalidateQueries({ queryKey: messagesKey(id ?? "") });
      void request({ reply_to: written.id });
    },
  });
  const copying = useMutation({
    mutationFn: (message: Message) => copyUpTo(message.id, conversation.data),
    onSuccess: (copy) => {
      void queries.invalidateQueries({ queryKey: LISTS });
      onOpen(copy.id);
    },
  });
  const deleting = useMutation({
    mutationFn: (message: Message) => removeMessage(message.id),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: conversationKey(id ?? "") });
      return queries.invalidateQueries({ queryKey: messagesKey(id ?? "") });
    },
  });

  return {
    conversation: id ? conversation.data : undefined,
    loading: Boolean(id) && list.isPending,
    error:
      (id ? (conversation.error ?? list.error) : null) ??
      show.error ??
      editing.error ??
      copying.error ??
      deleting.error,
    messages,
    shown,
    answer,
    busy,
    model: model ?? conversation.data?.model ?? "",
    say: (content: string, chosen: readonly Chosen[] = []) => {
      const last = shown.findLast((message) => message.id !== "asked");
      const pictures = chosen.map(({ data }) => ({ media_type: "image/jpeg", data }));
      const part = { ...(content && { content }), ...(pictures.length > 0 && { pictures }) };
      const sent = chosen.map(({ blob }) => blob);
      return request({ ...part, ...(last && { parent_id: last.id }) }, sent);
    },
    again: (message: Message) => void request({ reply_to: message.parent_id ?? message.id }),
    edit: (message: Message, words: string) => editing.mutate({ message, words }),
    fork: (message: Message) => copying.mutate(message),
    removeFrom: (message: Message) => deleting.mutate(message),
    stop: () => void stop(queries, place),
    show: (message: Message) => {
      const end = endBelow(messages, message.id);
      setChosen(end);
      show.mutate(end);
    },
    choose: (next: string) => {
      setModel(next);
      if (id && next) void change(id, { model: next });
    },
  };
}

export type ThreadState = ReturnType<typeof useThread>;
