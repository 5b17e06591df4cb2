import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useId, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { TextArea } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { useUser } from "../identity/session";
import { create, KEY } from "./api";
import { FacePicker } from "./FacePicker";
import { type Level, scaleOf } from "./moods";
import { TagPicker } from "./TagPicker";

// Ten seconds: a face, if wanted some tags and a line, done.
export function CheckIn({ suggestions }: { suggestions: readonly string[] }) {
  const user = useUser();
  const queries = useQueryClient();
  const heading = useId();
  const [level, setLevel] = useState<Level>();
  const [tags, setTags] = useState<string[]>([]);
  const [note, setNote] = useState("");
  const keep = useMutation({
    mutationFn: () =>
      create(user.id, { ...(level && { scale: scaleOf(level) }), tags, content: note.trim() }),
    onSuccess: () => {
      setLevel(undefined);
      setTags([]);
      setNote("");
      void queries.invalidateQueries({ queryKey: KEY });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keep.mutate();
  };
  const pick = (next: Level) => {
    keep.reset();
    setLevel(next);
  };
  return (
    <Card>
      <form onSubmit={submit}>
        <h2 id={heading} className="mb-4 text-2xl">
          {t("checkin.title")}
        </h2>
        <FacePicker value={level} labelledBy={heading} onChange={pick} />
        {level && (
          <div className="rise mt-5 grid gap-5">
            <TagPicker value={tags} suggestions={suggestions} onChange={setTags} />
            <TextArea
              label={t("checkin.note")}
              rows={2}
              maxLength={2000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
            />
            <div className="flex flex-wrap items-center gap-3">
              <Button type="submit" kind="primary" busy={keep.isPending} className="min-w-32">
                {t("action.save")}
              </Button>
              <Link
                to="/journal/$id"
                params={{ id: "new" }}
                className="font-semibold text-brand underline underline-offset-4"
              >
                {t("checkin.more")}
              </Link>
            </div>
          </div>
        )}
        <Problem error={keep.error} className="mt-4" />
        <p role="status" className="mt-3 min-h-6 text-soft empty:mt-0 empty:min-h-0">
          {keep.isSuccess && !level
            ? t(keep.data === "kept" ? "checkin.kept" : "checkin.waiting")
            : null}
        </p>
      </form>
    </Card>
  );
}
