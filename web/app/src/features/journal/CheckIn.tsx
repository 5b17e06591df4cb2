import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, lazy, Suspense, useId, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { TextArea } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { SafetyCard } from "../crisis/SafetyCard";
import { useUser } from "../identity/session";
import { KEY } from "./api";
import { checkIn, NOTHING_FELT } from "./checkIn";
import { FacePicker } from "./FacePicker";
import type { Level } from "./moods";
import { TagPicker } from "./TagPicker";

const Feelings = lazy(() => import("./Feelings"));

// Ten seconds: a face, if wanted some tags and a line, done. Whoever wants to look closer can.
export function CheckIn({ suggestions }: { suggestions: readonly string[] }) {
  const user = useUser();
  const queries = useQueryClient();
  const heading = useId();
  const [level, setLevel] = useState<Level>();
  const [tags, setTags] = useState<string[]>([]);
  const [felt, setFelt] = useState(NOTHING_FELT);
  const [closer, setCloser] = useState(false);
  const [note, setNote] = useState("");
  const keep = useMutation({
    mutationFn: () => checkIn(user.id, { level, tags, note: note.trim(), felt }),
    onSuccess: () => {
      setLevel(undefined);
      setTags([]);
      setFelt(NOTHING_FELT);
      setCloser(false);
      setNote("");
      void queries.invalidateQueries({ queryKey: KEY });
      void queries.invalidateQueries({ queryKey: ["wellbeing", "suits"] });
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
  const safety = keep.data?.safety;
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
            {closer ? (
              <Suspense fallback={null}>
                <Feelings value={felt} onChange={setFelt} />
              </Suspense>
            ) : (
              <Button
                kind="quiet"
                icon="plus"
                className="-ml-3 justify-self-start px-3"
                onClick={() => setCloser(true)}
              >
                {t("checkin.closer")}
              </Button>
            )}
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
        {!level && safety && <SafetyCard alert={safety.alert} note={safety} />}
        <p role="status" className="mt-3 min-h-6 text-soft empty:mt-0 empty:min-h-0">
          {keep.isSuccess && !level
            ? t(keep.data.state === "kept" ? "checkin.kept" : "checkin.waiting")
            : null}
        </p>
      </form>
    </Card>
  );
}
