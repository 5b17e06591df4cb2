import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Problem } from "../../components/ui/Notice";
import { Toggle } from "../../components/ui/Toggle";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { mediumDay } from "../../lib/dates";

type Consent = Schemas["ConsentView"];
const KEY = ["consent", "status"];

export function ConsentPanel() {
  const queries = useQueryClient();
  const status = useQuery({ queryKey: KEY, queryFn: () => data(api.GET("/api/consent/status")) });
  const change = useMutation({
    mutationFn: ({ consent, give }: { consent: Consent; give: boolean }) => {
      const consent_type = consent.consent_type;
      return give
        ? data(
            api.POST("/api/consent/record", {
              body: { consent_type, version: consent.version_in_force },
            }),
          )
        : data(api.POST("/api/consent/withdraw", { body: { consent_type } }));
    },
    onSuccess: (now) => {
      queries.setQueryData(KEY, now);
      void queries.invalidateQueries({ queryKey: ["journal"] });
    },
  });
  return (
    <>
      <Problem error={status.error ?? change.error} className="mb-3" />
      <div className="divide-y divide-line">
        {status.data?.consents.map((consent) => (
          <div key={consent.consent_type} className="py-1">
            <Toggle
              label={t(`consent.${consent.consent_type}.title`)}
              hint={standing(consent)}
              checked={consent.standing === "given"}
              disabled={change.isPending || (consent.required && consent.standing === "given")}
              onChange={(give) => change.mutate({ consent, give })}
            />
            <details className="mb-2 text-sm">
              <summary className="cursor-pointer font-semibold text-brand">
                {t("consent.full")}
              </summary>
              <p className="mt-2 max-w-prose text-soft">{consent.text}</p>
            </details>
          </div>
        ))}
      </div>
    </>
  );
}

function standing(consent: Consent): string {
  const day = consent.changed_at ? mediumDay(new Date(consent.changed_at)) : "";
  if (consent.required && consent.standing === "given") return t("consent.needed", { day });
  switch (consent.standing) {
    case "given":
      return t("consent.given", { day });
    case "withdrawn":
      return t("consent.withdrawn", { day });
    case "outdated":
      return t("consent.outdated");
    case "never":
      return t("consent.never");
  }
}
