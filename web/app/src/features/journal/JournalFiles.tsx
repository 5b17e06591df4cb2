import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useId } from "react";
import { Button } from "../../components/ui/Button";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { dayOf } from "../../lib/dates";
import { saveAs } from "../../lib/files";
import { KEY } from "./api";
import { type Format, formatOf } from "./files";

const FORMATS: readonly [Format, string][] = [
  ["json", "JSON"],
  ["csv", "CSV"],
  ["markdown", "Markdown"],
];
const ENDING = { json: "json", csv: "csv", markdown: "md" } as const;
const TYPE = { json: "application/json", csv: "text/csv", markdown: "text/markdown" } as const;

export function JournalFiles() {
  const queries = useQueryClient();
  const input = useId();
  const save = useMutation({ mutationFn: download });
  const checkIns = useMutation({ mutationFn: downloadCheckIns });
  const take = useMutation({
    mutationFn: upload,
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
  });
  const pick = (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    if (file) take.mutate(file);
    event.target.value = "";
  };
  return (
    <div className="grid gap-5">
      <div>
        <p className="mb-3 text-soft">{t("files.exportText")}</p>
        <div className="flex flex-wrap gap-2">
          {FORMATS.map(([format, name]) => (
            <Button
              key={format}
              icon="down"
              busy={save.isPending}
              onClick={() => save.mutate(format)}
            >
              {name}
            </Button>
          ))}
          <Button icon="down" busy={checkIns.isPending} onClick={() => checkIns.mutate()}>
            {t("files.checkIns")}
          </Button>
        </div>
      </div>
      <div>
        <label htmlFor={input} className="font-semibold">
          {t("files.import")}
        </label>
        <p className="mb-3 text-soft">{t("files.importText")}</p>
        <input
          id={input}
          type="file"
          accept=".json,.csv,.md,.markdown"
          disabled={take.isPending}
          onChange={pick}
          className="w-full max-w-md cursor-pointer rounded-field border border-edge bg-surface p-2 file:mr-4 file:cursor-pointer file:rounded-full file:border-0 file:bg-brand-soft file:px-4 file:py-2 file:font-semibold file:text-ink"
        />
      </div>
      <Problem error={save.error ?? checkIns.error ?? take.error} />
      {take.data && <Result result={take.data} />}
    </div>
  );
}

function Result({ result }: { result: Schemas["JournalImport"] }) {
  return (
    <Notice role="status">
      {t("files.taken", { count: result.taken })}{" "}
      {result.already_there > 0 && t("files.known", { count: result.already_there })}{" "}
      {result.copied > 0 && t("files.copied", { count: result.copied })}{" "}
      {result.rejected.length > 0 && t("files.rejected", { count: result.rejected.length })}
    </Notice>
  );
}

async function download(format: Format): Promise<void> {
  const blob = await data(
    api.GET("/api/journal/export", { params: { query: { format } }, parseAs: "blob" }),
  );
  saveAs(blob as Blob, `salus-journal-${dayOf(new Date())}.${ENDING[format]}`);
}

async function downloadCheckIns(): Promise<void> {
  const blob = await data(api.GET("/api/journal/check-ins/export", { parseAs: "blob" }));
  saveAs(blob as unknown as Blob, `salus-check-ins-${dayOf(new Date())}.json`);
}

async function upload(file: File): Promise<Schemas["JournalImport"]> {
  const format = formatOf(file.name);
  return data(
    api.POST("/api/journal/import", {
      params: { query: { format } },
      headers: { "Content-Type": TYPE[format] },
      body: (await file.text()) as never,
      bodySerializer: (body: unknown) => body as string,
    }),
  );
}
