import type { Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { TextArea } from "../../../components/ui/Field";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { DraftCare } from "../../crisis/DraftCare";
import { SafetyCard } from "../../crisis/SafetyCard";
import { KEY } from "../api";
import { keep } from "../later";

type Helped = Schemas["Helped"];

const ANSWERS: readonly Helped[] = ["yes", "a_little", "no"];

// Whether it helped: what did is offered first the next time, what did not is left alone.
export function Afterwards({
  skill,
  owner,
  over,
}: {
  skill: string;
  owner: string;
  over: boolean;
}) {
  const queries = useQueryClient();
  const [helped, setHelped] = useState<Helped>();
  const [note, setNote] = useState("");
  const box = useRef<HTMLDivElement>(null);
  const write = useMutation({
    mutationFn: () => keep(owner, "practice", { skill, helped, note: note.trim() }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [...KEY, "practice"] }),
  });
  useEffect(() => {
    if (over) box.current?.scrollIntoView({ block: "nearest", behavior: "smooth" });
  }, [over]);
  const safety = write.data?.safety;
  return (
    <div ref={box}>
      {safety && <SafetyCard alert={safety.alert} note={safety} />}
      <Card title={t("after.title")}>
        {write.isSuccess ? (
          <p role="status">{t(write.data ? "after.kept" : "after.waiting")}</p>
        ) : (
          <>
            <fieldset>
              <legend className="mb-3 text-soft">{t("after.text")}</legend>
              <div className="flex flex-wrap gap-2">
                {ANSWERS.map((answer) => (
                  <button
                    key={answer}
                    type="button"
                    aria-pressed={helped === answer}
                    onClick={() => setHelped(helped === answer ? undefined : answer)}
                    className="min-h-11 cursor-pointer rounded-full border border-edge bg-surface px-5 font-semibold transition-colors hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand"
                  >
                    {t(`helped.${answer}`)}
                  </button>
                ))}
              </div>
            </fieldset>
            {helped && (
              <div className="rise mt-4 grid gap-4">
                <TextArea
                  label={t("after.note")}
                  rows={2}
                  maxLength={2000}
                  value={note}
                  onChange={(event) => setNote(event.target.value)}
                />
                <DraftCare text={note} />
                <Problem error={write.error} />
                <Button
                  kind="primary"
                  className="justify-self-start"
                  busy={write.isPending}
                  onClick={() => write.mutate()}
                >
                  {t("action.save")}
                </Button>
              </div>
            )}
          </>
        )}
      </Card>
    </div>
  );
}
