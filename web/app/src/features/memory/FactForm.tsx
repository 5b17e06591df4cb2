import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Select, TextArea } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/memory";
import { type Fact, KINDS, type Kind, keep, MEMORY } from "./api";
import { fits, left } from "./words";

interface Props {
  fact?: Fact;
  onKept: (safety: { alert: boolean } | null | undefined) => void;
  onClose: () => void;
}

// Something to remember, new or in the place of what was there.
export function FactForm({ fact, onKept, onClose }: Props) {
  const queries = useQueryClient();
  const [text, setText] = useState(fact?.text ?? "");
  const [kind, setKind] = useState<Kind>(fact?.kind ?? "about_me");
  const save = useMutation({
    mutationFn: () => keep({ text, kind }, fact),
    onSuccess: async (kept) => {
      await queries.invalidateQueries({ queryKey: MEMORY });
      onKept(kept.safety);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4 rounded-field border border-line p-4">
      <TextArea
        label={t("memory.new")}
        value={text}
        rows={3}
        required
        hint={t("memory.left", { count: left(text) })}
        onChange={(event) => setText(event.target.value)}
      />
      <Select
        label={t("memory.kind")}
        value={kind}
        onChange={(event) => setKind(KINDS.find((one) => one === event.target.value) ?? "other")}
      >
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {t(`memory.kind.${one}`)}
          </option>
        ))}
      </Select>
      <Problem error={save.error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" disabled={!fits(text)} busy={save.isPending}>
          {t(fact ? "memory.save" : "memory.keep")}
        </Button>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}
