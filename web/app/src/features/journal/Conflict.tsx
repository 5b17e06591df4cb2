import { useQuery } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Notice } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { entryQuery } from "./api";
import { type Form, formOf, same } from "./drafts";

interface Props {
  id: string;
  mine: Form;
  onMine: (version: number) => void;
  onTheirs: () => void;
}

// Someone, or this person elsewhere, changed the entry meanwhile: both are shown, one is chosen.
export function Conflict({ id, mine, onMine, onTheirs }: Props) {
  const theirs = useQuery({ ...entryQuery(id), staleTime: 0, refetchOnMount: "always" });
  if (!theirs.data || theirs.isFetching) return <p role="status">{t("journal.loading")}</p>;
  const other = theirs.data;
  return (
    <Notice kind="warn" role="alert">
      <p className="font-semibold">{t("conflict.title")}</p>
      {!same(mine, formOf(other)) && (
        <div className="my-3 max-h-60 overflow-y-auto whitespace-pre-wrap rounded-field bg-surface p-3">
          {[other.title, other.content].filter(Boolean).join("\n\n") || t("conflict.noText")}
        </div>
      )}
      <div className="flex flex-wrap gap-2">
        <Button kind="primary" onClick={() => onMine(other.version)}>
          {t("conflict.mine")}
        </Button>
        <Button onClick={onTheirs}>{t("conflict.theirs")}</Button>
      </div>
    </Notice>
  );
}
