// What was begun and not yet kept: sealed on this device, and gone once it is kept.
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import * as sealed from "../../lib/sealed";

const PAUSE_MS = 300;

const place = (name: string) => `begun/${name}`;
const keyOf = (owner: string, name: string) => ["begun", owner, name];

// One after the other: what is still being sealed must not come back after it was dropped.
let last: Promise<unknown> = Promise.resolve();

function inOrder(act: () => Promise<void>): Promise<void> {
  const next = last.then(act, act);
  last = next.catch(() => undefined);
  return next;
}

export function keepDraft(owner: string, name: string, value: unknown): Promise<void> {
  return inOrder(() => sealed.put(owner, place(name), value));
}

export function dropDraft(owner: string, name: string): Promise<void> {
  return inOrder(() => sealed.remove(owner, place(name)));
}

/** The names of what was begun of a form, without its own. */
export async function begunNames(owner: string, form: string): Promise<string[]> {
  await last;
  const start = place(`form/${form}`);
  return (await sealed.names(owner, start)).map((name) => name.slice(start.length + 1));
}

/** The draft of that name as it was when the page opened; undefined while it is read. */
export function useDraft<T>(owner: string, name: string): { data: T | null | undefined } {
  return useQuery({
    queryKey: keyOf(owner, name),
    queryFn: async () => {
      await last;
      return (await sealed.get<T>(owner, place(name))) ?? null;
    },
    networkMode: "always",
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

/** Keeps a value a moment after it changed, and when the page goes. Gives back what forgets it. */
export function useKeeping(owner: string, name: string, value: unknown, changed: boolean) {
  const queries = useQueryClient();
  const latest = useRef({ value, changed });
  latest.current = { value, changed };
  const done = useRef(false);
  const keep = useCallback(() => {
    if (!done.current && latest.current.changed) void keepDraft(owner, name, latest.current.value);
  }, [owner, name]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the value starts anew
  useEffect(() => {
    const timer = setTimeout(keep, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value, keep]);
  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, [keep]);
  return useCallback(async () => {
    done.current = true;
    await dropDraft(owner, name);
    queries.removeQueries({ queryKey: keyOf(owner, name) });
  }, [owner, name, queries]);
}
