// The calls of the crisis team: what is asked, and under which key it is remembered.
import { data, type Schemas } from "@salus/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../../lib/api";

export type State = Schemas["CrisisCaseState"];
export type Waiting = Schemas["CrisisQueueItem"];
export type Case = Schemas["CrisisCaseOpened"];

export const STATES: readonly State[] = ["waiting", "claimed", "closed"];
export const QUEUE = ["crisis", "queue"];
export const caseKey = (id: string) => ["crisis", "case", id];

// Each look is a line in the ledger, so once a minute is enough; none while it is refused.
const EVERY_MS = 60_000;

export function queueQuery(state: State) {
  return infiniteQueryOptions({
    queryKey: [...QUEUE, state],
    queryFn: ({ pageParam, signal }) =>
      data(
        api.GET("/api/crisis/cases", {
          params: { query: { state, limit: 20, ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    refetchInterval: ({ state }) => (state.error ? false : EVERY_MS),
  });
}

export function caseQuery(id: string) {
  return queryOptions({
    queryKey: caseKey(id),
    queryFn: ({ signal }) =>
      data(api.GET("/api/crisis/cases/{id}", { params: { path: { id } }, signal })),
  });
}

export function claim(id: string): Promise<Case> {
  return data(api.POST("/api/crisis/cases/{id}/claim", { params: { path: { id } } }));
}

export function note(id: string, text: string, close: boolean) {
  const params = { path: { id } };
  return close
    ? data(api.POST("/api/crisis/cases/{id}/close", { params, body: { text } }))
    : data(api.POST("/api/crisis/cases/{id}/note", { params, body: { text } }));
}

// The beginning of a long name is enough to tell people on a screen apart.
export function shortName(name: string): string {
  return name.slice(0, 8);
}
