import { data } from "@salus/api-client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { api } from "../../../lib/api";
import { clock, mediumDay } from "../../../lib/dates";
import { type Filled, KEY } from "../api";
import { entryOf, type Form } from "./entry";
import { FormRead } from "./FormRead";

// What a form said before it was changed; asked for when somebody wants to see it.
export function Before({ form, filled }: { form: Form & { language: string }; filled: Filled }) {
  const [open, setOpen] = useState(false);
  const history = useQuery({
    queryKey: [...KEY, "history", filled.id, filled.version],
    queryFn: ({ signal }) =>
      data(
        api.GET("/api/wellbeing/forms/{id}/history", {
          params: { path: { id: filled.id } },
          signal,
        }),
      ),
    enabled: open,
  });
  if (filled.version < 2) return null;
  return (
    <details className="print:hidden" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="min-h-11 cursor-pointer content-center font-semibold text-brand">
        {t("form.before")}
      </summary>
      <Problem error={history.error} />
      <ol className="grid gap-6">
        {history.data?.versions.map((version) => {
          const when = new Date(version.written_at);
          return (
            <li key={version.version}>
              <p className="mb-2 text-soft text-sm">
                {mediumDay(when)}, {clock(when)}
              </p>
              <FormRead form={form} entry={entryOf(version.entry)} level="h3" />
            </li>
          );
        })}
      </ol>
    </details>
  );
}
