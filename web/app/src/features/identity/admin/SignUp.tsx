import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Select } from "../../../components/ui/Field";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";

type Rule = Schemas["SignUpView"];
type Mode = Schemas["SignUpMode"];

const RULE = ["identity", "sign-up"];
const MODES: readonly Mode[] = ["open", "invite_only", "closed"];

export function SignUp() {
  const rule = useQuery({
    queryKey: RULE,
    queryFn: () => data(api.GET("/api/admin/sign-up")),
  });
  return (
    <>
      <Problem error={rule.error} />
      {rule.data && <Decide rule={rule.data} />}
    </>
  );
}

function Decide({ rule }: { rule: Rule }) {
  const queries = useQueryClient();
  // Nothing chosen: what the settings of the server say.
  const [mode, setMode] = useState<Mode | "">(rule.decided_at ? rule.mode : "");
  const decide = useMutation({
    mutationFn: () => data(api.PUT("/api/admin/sign-up", { body: { mode: mode || null } })),
    onSuccess: (now) => queries.setQueryData(RULE, now),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    decide.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="flex flex-wrap items-end gap-4">
        <Select
          label={t("signUp.who")}
          value={mode}
          onChange={(event) => setMode(event.target.value as Mode | "")}
        >
          <option value="">
            {t("signUp.configured", { who: t(`signUp.${rule.configured}`) })}
          </option>
          {MODES.map((one) => (
            <option key={one} value={one}>
              {t(`signUp.${one}`)}
            </option>
          ))}
        </Select>
        <Button type="submit" busy={decide.isPending}>
          {t("signUp.decide")}
        </Button>
      </div>
      {rule.decided_at && (
        <p className="text-soft text-sm">
          {t("signUp.since", { day: mediumDay(new Date(rule.decided_at)) })}
        </p>
      )}
      <Problem error={decide.error} />
      {decide.isSuccess && <Notice role="status">{t("signUp.decided")}</Notice>}
    </form>
  );
}
