// The calls about conversations: what is asked, and under which key it is remembered.
import { data, type Schemas } from "@salus/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../lib/api";
import type { Message } from "./tree";

export type Conversation = Schemas["Conversation"];
export type Model = Schemas["Model"];

export const KEY = ["companion"] as const;
export const LISTS = [...KEY, "list"] as const;
export const conversationKey = (id: string) => [...KEY, "conversation", id];
export const messagesKey = (id: string): string[] => [...KEY, "messages", id];

export function conversationsQuery(q: string, archived: boolean) {
  return infiniteQueryOptions({
    queryKey: [...LISTS, q, archived],
    queryFn: ({ pageParam, signal }) => {
      const page = { limit: 25, archived, ...(pageParam ? { cursor: pageParam } : {}) };
      // What somebody looks for is in no address.
      return q
        ? data(api.POST("/api/conversations/search", { body: { ...page, words: q }, signal }))
        : data(api.GET("/api/conversations", { params: { query: page }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function conversationQuery(id: string) {
  return queryOptions({
    queryKey: conversationKey(id),
    queryFn: ({ signal }) =>
      data(api.GET("/api/conversations/{id}", { params: { path: { id } }, signal })),
  });
}

// All branches are needed to draw one, so all pages are read.
export function messagesQuery(id: string) {
  return queryOptions({
    queryKey: messagesKey(id),
    queryFn: async ({ signal }) => {
      const all: Message[] = [];
      let cursor: string | null | undefined;
      do {
        const query = { limit: 100, ...(cursor ? { cursor } : {}) };
        const page = await data(
          api.GET("/api/conversations/{id}/messages", { params: { path: { id }, query }, signal }),
        );
        all.push(...page.messages);
        cursor = page.next_cursor;
      } while (cursor);
      return all;
    },
  });
}

export const modelsQuery = queryOptions({
  queryKey: [...KEY, "models"],
  queryFn: () => data(api.GET("/api/providers")),
  staleTime: 300_000,
});

// What one could begin with, in English, and what the companion says about itself.
export function optionsQuery(language: string) {
  return queryOptions({
    queryKey: [...KEY, "options", language],
    queryFn: () => data(api.GET("/api/chat/options", { params: { query: { language } } })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export const usageQuery = queryOptions({
  queryKey: [...KEY, "usage"],
  queryFn: () => data(api.GET("/api/usage", { params: { query: { days: 1 } } })),
});

export function change(id: string, body: Schemas["ConversationChange"]): Promise<Conversation> {
  return data(api.PATCH("/api/conversations/{id}", { params: { path: { id } }, body }));
}

// The branch that is shown. It is sent to its end even if the page closes at once.
export function showBranch(id: string, leaf_id: string): Promise<Conversation> {
  const params = { path: { id } };
  return data(api.PATCH("/api/conversations/{id}", { params, body: { leaf_id }, keepalive: true }));
}

export function remove(id: string) {
  return data(api.DELETE("/api/conversations/{id}", { params: { path: { id } } }));
}

export function copyUpTo(message: string, of: Conversation | undefined): Promise<Conversation> {
  const body = { from_message_id: message, title: of?.title ?? null, model: of?.model ?? null };
  return data(api.POST("/api/conversations", { params: { header: {} }, body }));
}

export function rewrite(id: string, content: string): Promise<Message> {
  return data(api.PATCH("/api/messages/{id}", { params: { path: { id } }, body: { content } }));
}

export function removeMessage(id: string) {
  return data(api.DELETE("/api/messages/{id}", { params: { path: { id } } }));
}
