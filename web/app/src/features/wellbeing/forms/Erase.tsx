import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../../components/ui/Ask";
import { IconButton } from "../../../components/ui/Button";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { KEY, removeForm } from "../api";

export function Erase({ id, onGone }: { id: string; onGone: () => void }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const erase = useMutation({
    mutationFn: () => removeForm(id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: KEY });
      onGone();
    },
    onSettled: () => setAsking(false),
  });
  return (
    <>
      <IconButton icon="trash" label={t("form.delete")} onClick={() => setAsking(true)} />
      <Problem error={erase.error} />
      <Ask
        open={asking}
        title={t("form.deleteTitle")}
        yes={t("form.delete")}
        danger
        busy={erase.isPending}
        onYes={() => erase.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("form.deleteText")}
      </Ask>
    </>
  );
}
