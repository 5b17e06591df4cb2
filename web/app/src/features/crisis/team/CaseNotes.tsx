import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Sheet } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { TextArea } from "../../../components/ui/Field";
import { t } from "../../../i18n/team";
import { caseKey, note, QUEUE } from "./api";
import { TeamProblem } from "./TeamProblem";

const LONGEST = 4000;

export function CaseNotes({ id }: { id: string }) {
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [closing, setClosing] = useState(false);
  const [last, setLast] = useState("");
  const changed = () => {
    void queries.invalidateQueries({ queryKey: QUEUE });
    return queries.invalidateQueries({ queryKey: caseKey(id) });
  };
  const keep = useMutation({
    mutationFn: () => note(id, text.trim(), false),
    onSuccess: () => {
      setText("");
      return changed();
    },
  });
  const close = useMutation({
    mutationFn: () => note(id, last.trim(), true),
    onSuccess: () => {
      setClosing(false);
      return changed();
    },
  });
  const submit = (act: () => void) => (event: FormEvent) => {
    event.preventDefault();
    act();
  };
  return (
    <Card>
      <form onSubmit={submit(() => keep.mutate())} className="grid gap-4">
        <TextArea
          label={t("case.note")}
          rows={3}
          maxLength={LONGEST}
          value={text}
          onChange={(event) => {
            keep.reset();
            setText(event.target.value);
          }}
        />
        <TeamProblem error={keep.error} />
        <div className="flex flex-wrap items-center gap-3">
          <Button type="submit" kind="primary" disabled={!text.trim()} busy={keep.isPending}>
            {t("case.keepNote")}
          </Button>
          <Button kind="danger" onClick={() => setClosing(true)}>
            {t("case.close")}
          </Button>
          <span role="status" className="text-soft">
            {keep.isSuccess ? t("case.kept") : ""}
          </span>
        </div>
      </form>
      <Sheet open={closing} title={t("case.closeTitle")} onClose={() => setClosing(false)}>
        <form onSubmit={submit(() => close.mutate())} className="grid gap-4">
          <p className="text-soft">{t("case.closeText")}</p>
          <TextArea
            label={t("case.last")}
            rows={3}
            maxLength={LONGEST}
            value={last}
            onChange={(event) => setLast(event.target.value)}
          />
          <TeamProblem error={close.error} />
          <Button type="submit" kind="care" busy={close.isPending}>
            {t("case.close")}
          </Button>
        </form>
      </Sheet>
    </Card>
  );
}
