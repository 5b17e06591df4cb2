// The calls of the journal: what is asked, under which key it is remembered, what it refreshes.
import { ApiFailure, data, type Schemas } from "@salus/api-client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api } from "../../lib/api";
import { offsetMinutes } from "../../lib/dates";
import { newId } from "../../lib/ids";
import * as sealed from "../../lib/sealed";
import { whereabouts } from "../crisis/whereabouts";

export type Entry = Schemas["JournalEntry"];
export type EntryWrite = Schemas["JournalEntryWrite"];
export type CheckIn = Schemas["CheckIn"];
export type Mood = Schemas["Mood"];
export type Period = "week" | "month" | "quarter" | "year";

export interface Filters {
  q?: string | undefined;
  mood?: Mood | undefined;
  tag?: string | undefined;
  favourite?: boolean | undefined;
}

export const KEY = ["journal"] as const;

export function entriesQuery(filters: Filters, limit = 20) {
  return infiniteQueryOptions({
    queryKey: [...KEY, "entries", filters, limit],
    queryFn: ({ pageParam, signal }) => {
      const page = { limit, ...(pageParam ? { cursor: pageParam } : {}) };
      const { q, ...others } = filters;
      // What somebody looks for is in no address.
      const body = { ...page, ...present({ ...others, words: q }) };
      return data(api.POST("/api/journal/entries/search", { body, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
}

export function entryQuery(id: string) {
  return queryOptions({
    queryKey: [...KEY, "entry", id],
    queryFn: ({ signal }) =>
      data(api.GET("/api/journal/entries/{id}", { params: { path: { id } }, signal })),
  });
}

// Check-ins since a moment, or the newest few.
export function checkInsQuery(from: string | undefined, most: number) {
  return queryOptions({
    queryKey: [...KEY, "check-ins", from ?? "", most],
    queryFn: async ({ signal }) => {
      const found: CheckIn[] = [];
      let cursor: string | null | undefined;
      do {
        const limit = Math.min(100, most - found.length);
        const query = { limit, ...(from ? { from } : {}), ...(cursor ? { cursor } : {}) };
        const page = await data(api.GET("/api/journal/check-ins", { params: { query }, signal }));
        found.push(...page.check_ins);
        cursor = page.next_cursor;
      } while (cursor && found.length < most);
      return found;
    },
  });
}

export async function removeCheckIn(id: string): Promise<void> {
  await api.DELETE("/api/journal/check-ins/{id}", { params: { path: { id } } });
}

export function statsQuery(period: Period) {
  return queryOptions({
    queryKey: [...KEY, "stats", period],
    queryFn: ({ signal }) =>
      data(
        api.GET("/api/journal/mood-stats", {
          params: { query: { period, tz_offset: offsetMinutes() } },
          signal,
        }),
      ),
  });
}

export interface Created {
  state: "kept" | "waiting";
  // What was noticed in it.
  safety?: Schemas["SafetyNote"] | null | undefined;
}

// A moment is kept with an id of ours, so that sending it twice keeps it once. Without a network it
// waits here, sealed.
export async function create(owner: string, body: EntryWrite): Promise<Created> {
  const entry = { occurred_at: new Date().toISOString(), id: newId(), ...body };
  try {
    const { safety } = await send(entry);
    return { state: "kept", safety };
  } catch (error) {
    if (!(error instanceof ApiFailure && error.isOffline)) throw error;
    await sealed.put(owner, `out/${entry.id}`, entry);
    return { state: "waiting" };
  }
}

function send(entry: EntryWrite) {
  const params = { query: whereabouts(), header: {} };
  return data(api.POST("/api/journal/entries", { params, body: entry }));
}

// Sends what waits, oldest first. What the server refuses stays, so that nothing is lost.
export async function flush(owner: string): Promise<number> {
  let sent = 0;
  for (const name of await sealed.names(owner, "out/")) {
    const entry = await sealed.get<EntryWrite>(owner, name);
    if (entry) {
      try {
        await send(entry);
      } catch (error) {
        if (error instanceof ApiFailure && error.isOffline) return sent;
        continue;
      }
    }
    await sealed.remove(owner, name);
    sent += 1;
  }
  return sent;
}

export function update(id: string, version: number, body: EntryWrite): Promise<Entry> {
  const params = { path: { id }, header: { "If-Match": `"v${version}"` } };
  return data(api.PUT("/api/journal/entries/{id}", { params, body }));
}

export async function remove(id: string): Promise<void> {
  await api.DELETE("/api/journal/entries/{id}", { params: { path: { id }, header: {} } });
}

export function isConflict(error: unknown): boolean {
  return error instanceof ApiFailure && [409, 412].includes(error.status);
}

function present(filters: Omit<Filters, "q"> & { words?: string | undefined }) {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}
