import { data } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Select, TextArea } from "../../components/ui/Field";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { PROVIDERS, words } from "./providers";

// Which models of someone else people may use at all.
export function Elsewhere({ allowed }: { allowed: string[] | null | undefined }) {
  const queries = useQueryClient();
  const [some, setSome] = useState(!!allowed);
  const [names, setNames] = useState(allowed?.join("\n") ?? "");
  const save = useMutation({
    mutationFn: () =>
      data(api.PUT("/api/providers/elsewhere", { body: { models: some ? words(names) : null } })),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: PROVIDERS }),
        queries.invalidateQueries({ queryKey: ["companion"] }),
      ]),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Card title={t("providers.reach")}>
      <form onSubmit={submit} className="grid gap-4">
        <Select
          label={t("providers.reachText")}
          value={some ? "some" : "all"}
          onChange={(event) => setSome(event.target.value === "some")}
        >
          <option value="all">{t("providers.reachAll")}</option>
          <option value="some">{t("providers.reachSome")}</option>
        </Select>
        {some && (
          <TextArea
            label={t("providers.reachNames")}
            hint={t("providers.reachHint")}
            rows={4}
            value={names}
            autoCapitalize="none"
            spellCheck={false}
            onChange={(event) => setNames(event.target.value)}
          />
        )}
        <Problem error={save.error} />
        {save.isSuccess && <Notice role="status">{t("providers.saved")}</Notice>}
        <div>
          <Button type="submit" kind="primary" busy={save.isPending}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
