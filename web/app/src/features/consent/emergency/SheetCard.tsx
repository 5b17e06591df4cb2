import { data } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Ask } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Field, TextArea } from "../../../components/ui/Field";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { SHEET, sheetQuery } from "./api";
import { type Sheet, type SheetPart, TEXT_PARTS } from "./words";

// What helpers should know, written by the person themself.
export function SheetCard() {
  const sheet = useQuery(sheetQuery);
  return (
    <>
      <p className="mb-4 max-w-prose text-soft">{t("tell.text")}</p>
      <Problem error={sheet.error} className="mb-3" />
      {sheet.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {sheet.data && <SheetForm key={sheet.data.written_at} sheet={sheet.data} />}
    </>
  );
}

function SheetForm({ sheet }: { sheet: Sheet }) {
  const queries = useQueryClient();
  const [text, setText] = useState<Record<SheetPart, string>>(() => onlyParts(sheet));
  const [asking, setAsking] = useState(false);
  const again = () => {
    setAsking(false);
    return queries.invalidateQueries({ queryKey: SHEET });
  };
  const save = useMutation({
    mutationFn: () => data(api.PUT("/api/emergency/sheet", { body: text })),
    onSuccess: again,
  });
  const remove = useMutation({
    mutationFn: () => data(api.DELETE("/api/emergency/sheet")),
    onSuccess: again,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const write = (part: SheetPart, value: string) => {
    save.reset();
    setText({ ...text, [part]: value });
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label={t("tell.blood_group")}
        value={text.blood_group}
        maxLength={20}
        autoComplete="off"
        onChange={(event) => write("blood_group", event.target.value)}
      />
      {TEXT_PARTS.map((part) => (
        <TextArea
          key={part}
          label={t(`tell.${part}`)}
          rows={2}
          maxLength={2000}
          value={text[part]}
          onChange={(event) => write(part, event.target.value)}
        />
      ))}
      <Problem error={save.error} />
      {sheet.written_at && (
        <Notice role="status">
          {t("tell.written", { day: mediumDay(new Date(sheet.written_at)) })}
        </Notice>
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={save.isPending}>
          {t("tell.save")}
        </Button>
        {sheet.written_at && <Button onClick={() => setAsking(true)}>{t("tell.remove")}</Button>}
      </div>
      <Ask
        open={asking}
        title={t("tell.removeTitle")}
        yes={t("tell.remove")}
        danger
        busy={remove.isPending}
        onYes={() => remove.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("tell.removeText")}
        <Problem error={remove.error} className="mt-3" />
      </Ask>
    </form>
  );
}

function onlyParts({ written_at: _, ...parts }: Sheet): Record<SheetPart, string> {
  return parts;
}
