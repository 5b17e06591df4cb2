import { data, type Schemas } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Button } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { clock, mediumDay } from "../../../lib/dates";
import type { Person } from "./People";

type Purpose = Schemas["LinkRequest"]["purpose"];

// Links in place of letters, for servers that send none. The server refuses where mail is on.
export function HandOver({ person }: { person: Person }) {
  const path = { id: person.id };
  const make = useMutation({
    mutationFn: (purpose: Purpose) =>
      data(api.POST("/api/admin/users/{id}/link", { params: { path }, body: { purpose } })),
  });
  const purposes: Purpose[] = person.email
    ? ["reset_password", "verify_email"]
    : ["reset_password"];
  return (
    <details className="mt-5 border-line border-t pt-4">
      <summary className="cursor-pointer font-semibold text-brand">{t("people.link")}</summary>
      <p className="my-2 text-soft text-sm">{t("people.linkText")}</p>
      <div className="flex flex-wrap gap-2">
        {purposes.map((purpose) => (
          <Button key={purpose} busy={make.isPending} onClick={() => make.mutate(purpose)}>
            {t(`people.link.${purpose}`)}
          </Button>
        ))}
      </div>
      <Problem error={make.error} className="mt-3" />
      {make.data && <Link made={make.data} />}
    </details>
  );
}

function Link({ made }: { made: Schemas["LinkView"] }) {
  const until = new Date(made.expires_at);
  // Only a path where the server does not know its address; this page knows it.
  const address = new URL(made.link, location.origin).href;
  return (
    <Notice role="status" className="mt-3">
      <p className="mb-1">
        {t("people.linkUntil", { until: `${mediumDay(until)}, ${clock(until)}` })}
      </p>
      <p className="break-all font-mono text-sm">{address}</p>
      <Button
        icon="copy"
        className="mt-3"
        onClick={() => void navigator.clipboard?.writeText(address)}
      >
        {t("action.copy")}
      </Button>
    </Notice>
  );
}
