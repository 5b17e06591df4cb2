// Crisis lines that this installation has changed. They are asked for where there is a network, and
// kept on the device for where there is none. Whoever looks at them is not told to the server: the
// whole list is asked for, by everybody, when the app begins.
import { data, type Schemas } from "@salus/api-client";
import { useSyncExternalStore } from "react";
import { api } from "../../lib/api";

export type Changed = Readonly<Record<string, Schemas["CrisisCountry"]>>;

const KEPT = "salus.lines";
const listeners = new Set<() => void>();
let known: Changed | undefined;

export function changedLines(): Changed {
  known ??= read(localStorage.getItem(KEPT));
  return known;
}

export function useChangedLines(): Changed {
  return useSyncExternalStore(listen, changedLines);
}

// What cannot be understood is as if it were not there: what is built in always is.
export function read(text: string | null): Changed {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    if (!found || typeof found !== "object") return {};
    return Object.fromEntries(
      Object.entries(found as Changed).filter(
        ([, one]) => one?.emergency?.length > 0 && Array.isArray(one.lines),
      ),
    );
  } catch {
    return {};
  }
}

export async function refreshLines(): Promise<void> {
  try {
    const { countries } = await data(api.GET("/api/crisis/lines"));
    const next = Object.fromEntries(countries.map((one) => [one.code, one]));
    const text = JSON.stringify(next);
    if (text === localStorage.getItem(KEPT)) return;
    localStorage.setItem(KEPT, text);
    known = next;
    for (const tell of listeners) tell();
  } catch {
    // Without a network, or a place to keep them, everything stays as it is.
  }
}

function listen(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}
