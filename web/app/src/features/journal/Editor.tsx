import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { useUser } from "../identity/session";
import { entryQuery, KEY } from "./api";
import { type Draft, emptyForm, findDraft, formOf } from "./drafts";
import { EntryForm } from "./EntryForm";

// An entry with what this device knows of it: the draft goes before what the server has.
export function Editor() {
  const { id } = useParams({ from: "/app/journal/$id" });
  const user = useUser();
  const isNew = id === "new";
  const entry = useQuery({ ...entryQuery(id), enabled: !isNew });
  const draft = useQuery({
    queryKey: [...KEY, "draft", user.id, id],
    queryFn: async (): Promise<Draft | null> => (await findDraft(user.id, id)) ?? null,
    networkMode: "always",
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const known = isNew || entry.data !== undefined;
  if (draft.data === undefined || (!known && !draft.data)) {
    return entry.error ? (
      <Problem error={entry.error} />
    ) : (
      <p className="py-8 text-soft">{t("journal.loading")}</p>
    );
  }
  const saved = entry.data ? formOf(entry.data) : emptyForm();
  return (
    <EntryForm
      key={`${id}/${draft.data?.savedAt ?? ""}`}
      id={id}
      entry={entry.data}
      saved={saved}
      draft={draft.data ?? undefined}
    />
  );
}
