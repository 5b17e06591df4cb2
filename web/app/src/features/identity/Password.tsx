import { data } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { PasswordField } from "../../components/ui/Field";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { PasswordMeter } from "./PasswordMeter";
import { DEVICES } from "./security";

export function Password() {
  const queries = useQueryClient();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useMutation({
    mutationFn: () => {
      const body = { current_password: current, new_password: next };
      return data(api.POST("/api/auth/password", { body }));
    },
    onSuccess: () => {
      setCurrent("");
      setNext("");
      return queries.invalidateQueries({ queryKey: DEVICES });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <PasswordField
          label={t("password.current")}
          autoComplete="current-password"
          value={current}
          onChange={(event) => setCurrent(event.target.value)}
          required
        />
        <PasswordField
          label={t("password.new")}
          hint={<PasswordMeter password={next} />}
          autoComplete="new-password"
          minLength={8}
          value={next}
          onChange={(event) => setNext(event.target.value)}
          required
        />
      </div>
      <Problem error={change.error} />
      {change.isSuccess && <Notice role="status">{t("password.changed")}</Notice>}
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" busy={change.isPending}>
          {t("password.change")}
        </Button>
        <p className="text-soft text-sm">{t("password.hint")}</p>
      </div>
    </form>
  );
}
