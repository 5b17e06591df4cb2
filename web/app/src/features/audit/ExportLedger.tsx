import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { dayOf } from "../../lib/dates";
import { saveAs } from "../../lib/files";

type Format = "csv" | "ndjson";
const FORMATS: readonly [Format, string][] = [
  ["csv", "CSV"],
  ["ndjson", "NDJSON"],
];

interface Props {
  area: string;
  outcome: string;
}

export function ExportLedger({ area, outcome }: Props) {
  const save = useMutation({
    mutationFn: async (format: Format) => {
      const query = {
        format,
        ...(area && { area: `${area}.` }),
        ...(outcome && { outcome: outcome as "success" | "denied" | "failed" }),
      };
      const file = await data(
        api.GET("/api/admin/audit/export", { params: { query }, parseAs: "blob" }),
      );
      saveAs(file as Blob, `salus-ledger-${dayOf(new Date())}.${format}`);
    },
  });
  return (
    <details>
      <summary className="cursor-pointer font-semibold text-brand">{t("audit.export")}</summary>
      <p className="my-2 text-soft">{t("audit.exportHint")}</p>
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
      </div>
      <Problem error={save.error} className="mt-3" />
    </details>
  );
}
