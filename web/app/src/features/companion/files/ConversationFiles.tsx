import { data } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ChangeEvent, useId, useState } from "react";
import { Button, buttonClass } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/chat";
import { api } from "../../../lib/api";
import { dayOf } from "../../../lib/dates";
import { saveAs } from "../../../lib/files";
import { LISTS } from "../api";
import { NoConversations } from "./batches";
import { Interrupted, type Progress, type Result, takeIn } from "./takeIn";

const SHOWN = 5;

// All conversations out as one file, and in from one, our own or that of another program.
export function ConversationFiles() {
  const save = useMutation({
    mutationFn: async () => {
      const file = await data(api.GET("/api/conversations/export", { parseAs: "blob" }));
      saveAs(file as Blob, `salus-conversations-${dayOf(new Date())}.json`);
    },
  });
  return (
    <div className="grid gap-6">
      <div>
        <p className="mb-3 text-soft">{t("chatFiles.exportText")}</p>
        <Button icon="down" busy={save.isPending} onClick={() => save.mutate()}>
          {t("chatFiles.export")}
        </Button>
        <p role="status" className="mt-2 text-soft empty:mt-0">
          {save.isSuccess ? t("chatFiles.saved") : ""}
        </p>
        <Problem error={save.error} className="mt-2" />
      </div>
      <Import />
    </div>
  );
}

function Import() {
  const queries = useQueryClient();
  const input = useId();
  const [progress, setProgress] = useState<Progress>({ step: "reading" });
  const take = useMutation({
    mutationFn: (file: File) => takeIn(file, setProgress),
    onSettled: () => queries.invalidateQueries({ queryKey: LISTS }),
  });
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file) take.mutate(file);
    event.target.value = "";
  };
  return (
    <div>
      <label htmlFor={input} className="font-semibold">
        {t("chatFiles.import")}
      </label>
      <p id={`${input}-hint`} className="mb-3 text-soft">
        {t("chatFiles.importText")}
      </p>
      <input
        id={input}
        type="file"
        accept=".json,.zip,application/json,application/zip"
        aria-describedby={`${input}-hint`}
        disabled={take.isPending}
        onChange={pick}
        className="w-full max-w-md cursor-pointer rounded-field border border-edge bg-surface p-2 file:mr-4 file:cursor-pointer file:rounded-full file:border-0 file:bg-brand-soft file:px-4 file:py-2 file:font-semibold file:text-ink"
      />
      {take.isPending && <Going progress={progress} />}
      {take.data && <Done result={take.data} />}
      <Failure error={take.error} />
    </div>
  );
}

function Going({ progress }: { progress: Progress }) {
  const words = t(`chatFiles.${progress.step}`);
  return (
    <div role="status" className="mt-4">
      <p className="mb-1.5">{words}</p>
      <progress
        aria-label={words}
        {...(progress.step === "sending" && { value: progress.done })}
        className="h-2 w-full max-w-md accent-brand"
      />
    </div>
  );
}

function Done({ result }: { result: Result }) {
  const { taken, already_there: known, rejected } = result;
  return (
    <Notice role="status" className="mt-4">
      <p>
        {taken > 0 && t("chatFiles.taken", { count: taken })}{" "}
        {known > 0 && t("chatFiles.known", { count: known })}{" "}
        {taken + known + rejected.length === 0 && t("chatFiles.nothing")}
      </p>
      {rejected.length > 0 && (
        <>
          <p className="mt-2">{t("chatFiles.rejected", { count: rejected.length })}</p>
          <ul className="list-disc pl-6 text-sm">
            {rejected.slice(0, SHOWN).map((one) => (
              <li key={one.number}>{t("chatFiles.rejectedOne", one)}</li>
            ))}
            {rejected.length > SHOWN && (
              <li>{t("chatFiles.rejectedMore", { count: rejected.length - SHOWN })}</li>
            )}
          </ul>
        </>
      )}
      {taken > 0 && (
        <Link to="/chat" className={buttonClass("plain", "mt-3")}>
          {t("chatFiles.see")}
        </Link>
      )}
    </Notice>
  );
}

function Failure({ error }: { error: unknown }) {
  if (error instanceof NoConversations) {
    return (
      <Notice kind="care" role="alert" className="mt-4">
        {t("chatFiles.notConversations")}
      </Notice>
    );
  }
  if (!(error instanceof Interrupted)) return <Problem error={error} className="mt-4" />;
  return (
    <>
      <Problem error={error.cause} className="mt-4" />
      <Notice kind="warn" className="mt-3">
        {t("chatFiles.brokeOff")} {t("chatFiles.taken", { count: error.soFar.taken })}
      </Notice>
    </>
  );
}
