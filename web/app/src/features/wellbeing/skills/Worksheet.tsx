import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { TextArea } from "../../../components/ui/Field";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { DraftCare } from "../../crisis/DraftCare";
import type { User } from "../../identity/session";
import { create, KEY as JOURNAL } from "../../journal/api";
import { useDraft, useKeeping } from "../drafts";
import { Scale } from "../Scale";
import type { Skill } from "./library";
import { asEntry, type Sheet } from "./sheet";

// What is to be written down; kept on this device while it is written, then in the journal.
export function Worksheet({ skill, user }: { skill: Skill; user: User | undefined }) {
  if (!user) return <SheetForm skill={skill} owner="" begun={{}} />;
  return <Kept skill={skill} owner={user.id} />;
}

function Kept({ skill, owner }: { skill: Skill; owner: string }) {
  const draft = useDraft<Sheet>(owner, `sheet/${skill.id}`);
  if (draft.data === undefined) return null;
  return <SheetForm skill={skill} owner={owner} begun={draft.data ?? {}} />;
}

function SheetForm({ skill, owner, begun }: { skill: Skill; owner: string; begun: Sheet }) {
  const queries = useQueryClient();
  const [sheet, setSheet] = useState(begun);
  const empty = Object.values(sheet).every((value) => value === "" || value === undefined);
  const forget = useKeeping(owner, `sheet/${skill.id}`, sheet, Boolean(owner) && !empty);
  const keep = useMutation({
    mutationFn: () => create(owner, asEntry(skill, sheet)),
    onSuccess: async () => {
      await forget();
      await queries.invalidateQueries({ queryKey: JOURNAL });
    },
  });
  const set = (id: string, value: string | number) => {
    if (keep.isSuccess) return;
    setSheet({ ...sheet, [id]: value });
  };
  const texts = Object.values(sheet).filter((value) => typeof value === "string");
  return (
    <Card title={t("sheet.title")}>
      <div className="grid gap-4" lang={skill.language}>
        {skill.fields?.map((field) =>
          field.kind === "scale" ? (
            <Scale
              key={field.id}
              label={field.label}
              to={10}
              value={typeof sheet[field.id] === "number" ? Number(sheet[field.id]) : undefined}
              onChange={(value) => set(field.id, value)}
            />
          ) : (
            <TextArea
              key={field.id}
              label={field.label}
              rows={2}
              maxLength={2000}
              value={String(sheet[field.id] ?? "")}
              onChange={(event) => set(field.id, event.target.value)}
            />
          ),
        )}
      </div>
      <div className="mt-4 grid gap-4">
        <DraftCare text={texts.join("\n")} />
        <Problem error={keep.error} />
        {keep.isSuccess ? (
          <Notice role="status">
            {t(keep.data.state === "kept" ? "sheet.kept" : "sheet.waiting")}
          </Notice>
        ) : owner ? (
          <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
            <Button busy={keep.isPending} disabled={empty} onClick={() => keep.mutate()}>
              {t("sheet.keep")}
            </Button>
            <p className="text-soft text-sm">{t("sheet.hint")}</p>
          </div>
        ) : (
          <p className="text-soft text-sm">{t("sheet.nobody")}</p>
        )}
      </div>
    </Card>
  );
}
