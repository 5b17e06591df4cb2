// The calls about what is remembered, and under which key it is kept here.
import { data, type Schemas } from "@salus/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../lib/api";

export type Fact = Schemas["MemoryFact"];
export type Kind = Schemas["MemoryKind"];

export const KINDS: readonly Kind[] = ["about_me", "health", "people", "preference", "other"];
// As the server counts.
export const LONGEST = 500;

export const MEMORY = ["memory"] as const;

export const statusQuery = queryOptions({
  queryKey: [...MEMORY, "status"],
  queryFn: ({ signal }) => data(api.GET("/api/memory", { signal })),
});

export const factsQuery = infiniteQueryOptions({
  queryKey: [...MEMORY, "facts"],
  queryFn: ({ pageParam, signal }) => {
    const query = { limit: 25, ...(pageParam ? { cursor: pageParam } : {}) };
    return data(api.GET("/api/memory/facts", { params: { query }, signal }));
  },
  initialPageParam: "",
  getNextPageParam: (page) => page.next_cursor,
});

// A new fact, or another text in the place of one.
export function keep(written: { text: string; kind: Kind }, before?: Fact) {
  const body = { ...written, text: written.text.trim() };
  if (!before) return data(api.POST("/api/memory/facts", { body }));
  const header = { "If-Match": `"v${before.version}"` };
  const params = { path: { id: before.id }, header };
  return data(api.PUT("/api/memory/facts/{id}", { params, body }));
}
