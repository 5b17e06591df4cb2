// A form while it is filled in: what is there already, what was begun, and how it is kept.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { newId } from "../../../lib/ids";
import { useUser } from "../../identity/session";
import { type Filled, formsQuery, isConflict, KEY, type updateForm } from "../api";
import { useDraft, useKeeping } from "../drafts";
import { keep, keepChange, waitingChange } from "../later";
import { clean, type Entry, entryOf, type Form, type FormName } from "./entry";

export function useForms(name: FormName) {
  return useQuery(formsQuery(name));
}

export interface Begun {
  entry: Entry;
  // The version that is being changed; none for a new form.
  base?: Filled | undefined;
  // It waited for a connection, and by then the server had another version.
  clash?: boolean;
}

interface Found {
  begun: Begun;
  restored: boolean;
}

/** What was begun, or what there is; undefined while it is read. */
export function useBegun(draftName: string, base: Filled | undefined, ready: boolean) {
  const user = useUser();
  const draft = useDraft<Begun>(user.id, draftName);
  const waiting = useQuery({
    queryKey: [...KEY, "waiting-change", base?.id ?? ""],
    queryFn: async () => (base && (await waitingChange(user.id, base))) ?? null,
    networkMode: "always",
    gcTime: 0,
  }).data;
  // What a form began with stays: saving it must not take away what is said about that.
  const first = useRef<{ of: string; found: Found }>(undefined);
  if (first.current?.of === draftName) return first.current.found;
  if (draft.data === undefined || !(ready || draft.data)) return undefined;
  if (waiting === undefined) return undefined;
  const there = waiting ? entryOf(waiting.body.entry) : base && entryOf(base.entry);
  const begun: Begun = draft.data ?? { entry: there ?? {}, base: waiting?.base ?? base };
  const found = { begun, restored: draft.data !== null };
  first.current = { of: draftName, found };
  return found;
}

interface Filling {
  form: Form;
  draftName: string;
  begun: Begun;
  occurredAt?: string;
  onKept: (kept: Kept) => void;
}

export interface Kept {
  // Nothing if it waits for a connection.
  filled: Awaited<ReturnType<typeof updateForm>> | undefined;
}

export function useFilling({ form, draftName, begun, occurredAt, onKept }: Filling) {
  const user = useUser();
  const queries = useQueryClient();
  const [entry, setEntry] = useState(begun.entry);
  const [clash, setClash] = useState(begun.clash === true);
  const base = useRef(begun.base);
  const [id] = useState(newId);
  const changed = JSON.stringify(entry) !== JSON.stringify(begun.entry);
  const touched = useRef(false);
  touched.current ||= changed;
  const value: Begun = { entry, base: base.current, ...(clash && { clash }) };
  const forget = useKeeping(user.id, draftName, value, touched.current);
  // Without a connection the pages show what waits, not what it was.
  const showHere = () =>
    queries.setQueryData(formsQuery(form.id as FormName).queryKey, (all) =>
      all?.map((one) =>
        one.id === base.current?.id ? { ...one, entry: clean(form, entry) } : one,
      ),
    );
  const save = useMutation({
    mutationFn: async () => {
      const body = { kind: form.id, entry: clean(form, entry) };
      const when = occurredAt ? { occurred_at: occurredAt } : {};
      return base.current
        ? await keepChange(user.id, { base: base.current, body, draftName })
        : await keep(user.id, "form", { id, ...body, ...when });
    },
    onSuccess: async (filled) => {
      await forget();
      await queries.invalidateQueries({ queryKey: KEY });
      if (!filled) showHere();
      onKept({ filled });
    },
  });
  // The other version stays the older one, and can be read in what the form said before.
  const keepMine = async () => {
    const all = await queries.fetchQuery({ ...formsQuery(form.id as FormName), staleTime: 0 });
    const now = all.find((one) => one.id === base.current?.id);
    if (now) base.current = now;
    setClash(false);
    save.mutate();
  };
  const discard = async () => {
    await forget();
    await queries.invalidateQueries({ queryKey: KEY });
  };
  return {
    entry,
    setEntry,
    save: () => save.mutate(),
    saving: save.isPending,
    error: isConflict(save.error) ? null : save.error,
    conflict: clash || isConflict(save.error),
    keepMine: () => void keepMine(),
    discard,
  };
}

export type FillingState = ReturnType<typeof useFilling>;
