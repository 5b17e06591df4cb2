import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useCallback, useEffect, useId, useRef, useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button, IconButton } from "../../components/ui/Button";
import { Field, Select, TextArea } from "../../components/ui/Field";
import { Icon } from "../../components/ui/Icon";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { toLocalInput } from "../../lib/dates";
import { DraftCare } from "../crisis/DraftCare";
import { useUser } from "../identity/session";
import { create, type Entry, isConflict, KEY, remove, update } from "./api";
import { Conflict } from "./Conflict";
import {
  type Draft,
  dropDraft,
  type Form,
  faceOf,
  isBlank,
  keepDraft,
  same,
  withFace,
  writeOf,
} from "./drafts";
import { FacePicker } from "./FacePicker";
import { FIRST_TAGS, MOODS } from "./moods";
import { TagPicker } from "./TagPicker";

interface Props {
  id: string;
  entry: Entry | undefined;
  saved: Form;
  draft: Draft | undefined;
}

const PAUSE_MS = 400;

export function EntryForm({ id, entry, saved, draft }: Props) {
  const user = useUser();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const heading = useId();
  const [form, setForm] = useState(draft?.form ?? saved);
  const [restored, setRestored] = useState(draft !== undefined);
  const [asking, setAsking] = useState(false);
  const base = useRef(draft?.base ?? entry?.version ?? 0);
  const change = (part: Partial<Form>) => setForm((now) => ({ ...now, ...part }));
  const done = useRef(false);
  useDraft(user.id, id, form, base, done, draft !== undefined || !same(form, saved));

  const leave = async () => {
    done.current = true;
    await dropDraft(user.id, id);
    await queries.invalidateQueries({ queryKey: KEY });
    await navigate({ to: "/journal" });
  };
  const keep = useMutation({
    mutationFn: async () => {
      if (entry) await update(id, base.current, writeOf(form));
      else await create(user.id, writeOf(form));
    },
    onSuccess: leave,
  });
  const erase = useMutation({ mutationFn: () => remove(id), onSuccess: leave });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  return (
    <form onSubmit={submit} className="rise mx-auto grid max-w-3xl gap-5">
      <div className="flex items-center justify-between">
        <Link
          to="/journal"
          className="-ml-2 inline-flex min-h-11 items-center gap-1 rounded-full px-2 font-semibold text-brand"
        >
          <Icon name="back" />
          {t("journal.title")}
        </Link>
        <div className="flex">
          <IconButton
            icon="star"
            label={t("entry.favourite")}
            on={form.favourite}
            onClick={() => change({ favourite: !form.favourite })}
          />
          {entry && (
            <IconButton icon="trash" label={t("entry.delete")} onClick={() => setAsking(true)} />
          )}
        </div>
      </div>
      <h1 className="text-3xl">{t(entry ? "entry.edit" : "entry.new")}</h1>
      {restored && (
        <Notice>
          <div className="flex flex-wrap items-center justify-between gap-2">
            {t("entry.restored")}
            <Button
              kind="quiet"
              className="min-h-9 py-0"
              onClick={() => {
                setForm(saved);
                setRestored(false);
                base.current = entry?.version ?? 0;
                void dropDraft(user.id, id);
              }}
            >
              {t("entry.discard")}
            </Button>
          </div>
        </Notice>
      )}
      <div>
        <p id={heading} className="mb-2 font-semibold">
          {t("entry.feeling")}
        </p>
        <FacePicker
          value={faceOf(form)}
          labelledBy={heading}
          onChange={(level) => setForm((now) => withFace(now, level))}
        />
      </div>
      <Field
        label={t("entry.title")}
        value={form.title}
        maxLength={200}
        onChange={(event) => change({ title: event.target.value })}
      />
      <TextArea
        label={t("entry.text")}
        value={form.content}
        onChange={(event) => change({ content: event.target.value })}
        className="min-h-56 font-serif text-lg leading-relaxed"
      />
      <DraftCare text={`${form.title}\n${form.content}`} />
      <TagPicker
        value={form.tags}
        suggestions={FIRST_TAGS.map((tag) => t(`tag.${tag}`))}
        onChange={(tags) => change({ tags })}
      />
      <div className="grid gap-5 sm:grid-cols-2">
        <Select
          label={t("entry.mood")}
          value={form.mood}
          onChange={(event) => change({ mood: event.target.value as Form["mood"] })}
        >
          <option value="">{t("entry.noMood")}</option>
          {MOODS.map((mood) => (
            <option key={mood} value={mood}>
              {t(`mood.${mood}`)}
            </option>
          ))}
        </Select>
        <Field
          label={t("entry.when")}
          type="datetime-local"
          value={toLocalInput(new Date(form.occurredAt))}
          onChange={(event) => {
            const when = new Date(event.target.value);
            if (!Number.isNaN(when.getTime())) change({ occurredAt: when.toISOString() });
          }}
        />
      </div>
      {keep.error && isConflict(keep.error) && entry ? (
        <Conflict
          id={id}
          mine={form}
          onMine={(version) => {
            base.current = version;
            keep.mutate();
          }}
          onTheirs={() => void leave()}
        />
      ) : (
        <Problem error={keep.error ?? erase.error} />
      )}
      <div className="flex flex-wrap items-center gap-4">
        <Button
          type="submit"
          kind="primary"
          busy={keep.isPending}
          disabled={isBlank(form)}
          className="min-w-36"
        >
          {t("action.save")}
        </Button>
        <p className="text-soft text-sm">{t("entry.draftHint")}</p>
      </div>
      <Ask
        open={asking}
        title={t("entry.deleteTitle")}
        yes={t("entry.delete")}
        danger
        busy={erase.isPending}
        onYes={() => erase.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("entry.deleteText")}
      </Ask>
    </form>
  );
}

// Keeps what is typed a moment after the last key, and at once when the screen or the page goes.
function useDraft(
  owner: string,
  id: string,
  form: Form,
  base: { current: number },
  done: { current: boolean },
  changed: boolean,
) {
  const queries = useQueryClient();
  const latest = useRef({ form, changed });
  latest.current = { form, changed };
  const keep = useCallback(() => {
    if (done.current || !latest.current.changed) return;
    const draft = {
      form: latest.current.form,
      base: base.current,
      savedAt: new Date().toISOString(),
    };
    void keepDraft(owner, id, draft).then(() =>
      queries.invalidateQueries({ queryKey: [...KEY, "drafts"] }),
    );
  }, [owner, id, base, done, queries]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the form starts anew
  useEffect(() => {
    const timer = setTimeout(keep, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [form, keep]);
  useEffect(() => {
    addEventListener("pagehide", keep);
    return () => {
      removeEventListener("pagehide", keep);
      keep();
    };
  }, [keep]);
}
