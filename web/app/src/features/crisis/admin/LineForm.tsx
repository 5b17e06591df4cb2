import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Field, Select } from "../../../components/ui/Field";
import { t } from "../../../i18n/admin";
import { dayOf } from "../../../lib/dates";
import { type Line, list } from "./change";

const NEEDS = ["everyone", "youth", "violence", "lgbtq", "veterans"] as const;

interface Props {
  line: Line | undefined;
  id: string;
  busy: boolean;
  onSave: (line: Line) => void;
  onClose: () => void;
}

// What can be said of a line; what the server does not like about it, it names.
export function LineForm({ line, id, busy, onSave, onClose }: Props) {
  const [draft, setDraft] = useState(() => draftOf(line));
  const set = (name: keyof typeof draft) => (event: { target: { value: string } }) =>
    setDraft({ ...draft, [name]: event.target.value });
  const field = (name: keyof typeof draft, more: Partial<Parameters<typeof Field>[0]> = {}) => (
    <Field label={t(LABELS[name])} value={draft[name]} onChange={set(name)} {...more} />
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(lineOf(draft, line, id));
  };
  return (
    <form onSubmit={submit} className="mt-5 grid gap-4 rounded-field bg-sunken p-4 sm:grid-cols-2">
      <h3 className="font-sans font-semibold text-lg sm:col-span-2">{t("lines.new")}</h3>
      {field("name", { required: true, maxLength: 300 })}
      <Select label={t("lines.for")} value={draft.need} onChange={set("need")}>
        {NEEDS.map((need) => (
          <option key={need} value={need}>
            {t(`crisis.for.${need}`)}
          </option>
        ))}
      </Select>
      {field("call", { type: "tel" })}
      {field("text", { type: "tel" })}
      {field("chat", { type: "url" })}
      {field("hours", { required: true, hint: t("lines.hoursHint") })}
      {field("languages", { required: true, hint: t("lines.languagesHint") })}
      {field("checked", { required: true, type: "date" })}
      {field("source", { required: true, type: "url", className: "sm:col-span-2" })}
      <div className="flex flex-wrap gap-2 sm:col-span-2">
        <Button type="submit" kind="primary" busy={busy}>
          {t("lines.save")}
        </Button>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}

const LABELS = {
  name: "lines.name",
  need: "lines.for",
  call: "lines.call",
  text: "lines.sms",
  chat: "lines.chat",
  hours: "lines.hours",
  languages: "lines.languages",
  source: "lines.source",
  checked: "lines.checked",
} as const;

type Draft = Record<keyof typeof LABELS, string>;

function draftOf(line: Line | undefined): Draft {
  return {
    name: line?.name ?? "",
    need: line?.needs[0] ?? "everyone",
    call: line?.call ?? "",
    text: line?.text ?? "",
    chat: line?.chat ?? "",
    hours: line?.hours ?? "24/7",
    languages: line?.languages.join(", ") ?? "",
    source: line?.source ?? "https://",
    checked: dayOf(new Date()),
  };
}

// What this form does not show of a line stays as it was.
function lineOf(draft: Draft, before: Line | undefined, id: string): Line {
  const { call, text, chat, keyword, ...rest } = before ?? { id, needs: [], sure: true };
  const need = NEEDS.find((one) => one === draft.need) ?? "everyone";
  const others = rest.needs.slice(1).filter((one) => one !== need);
  return {
    ...rest,
    ...(draft.call.trim() && { call: draft.call.trim() }),
    ...(draft.text.trim() && { text: draft.text.trim(), ...(keyword && { keyword }) }),
    ...(draft.chat.trim() && { chat: draft.chat.trim() }),
    id: before?.id ?? id,
    name: draft.name.trim(),
    needs: [need, ...others],
    hours: draft.hours.trim(),
    languages: list(draft.languages),
    source: draft.source.trim(),
    checked: draft.checked,
  };
}
