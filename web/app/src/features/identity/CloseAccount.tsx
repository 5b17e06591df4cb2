import { data } from "@salus/api-client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { PasswordField } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { factorsQuery } from "./security";
import { useSession } from "./session";

export function CloseAccount() {
  const { gone } = useSession();
  const [open, setOpen] = useState(false);
  const [password, setPassword] = useState("");
  const has = useQuery(factorsQuery).data?.password;
  const close = useMutation({
    mutationFn: () =>
      data(api.DELETE("/api/auth/account", { body: has === false ? {} : { password } })),
    onSuccess: () => gone(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    close.mutate();
  };
  return (
    <>
      <p className="mb-4 text-soft">{t("close.text")}</p>
      <Button kind="danger" onClick={() => setOpen(true)}>
        {t("close.start")}
      </Button>
      <Sheet open={open} title={t("close.title")} onClose={() => setOpen(false)}>
        <form onSubmit={submit} className="grid gap-4">
          <p className="text-soft">{t("close.warning")}</p>
          {has !== false && (
            <PasswordField
              label={t("login.password")}
              autoComplete="current-password"
              value={password}
              onChange={(event) => setPassword(event.target.value)}
              required
            />
          )}
          <Problem error={close.error} />
          <Button type="submit" kind="care" busy={close.isPending}>
            {t("close.confirm")}
          </Button>
        </form>
      </Sheet>
    </>
  );
}
