import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";

// Not with a code of the app itself: whoever holds the phone could then do without the person.
export function RemoveApp({ onDone }: { onDone: () => void }) {
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const remove = useMutation({
    mutationFn: () => {
      const body = { ...(password && { password }), ...(code.trim() && { code: code.trim() }) };
      return data(api.DELETE("/api/auth/factors/totp", { body }));
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    remove.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="text-soft">{t("factor.removeText")}</p>
      <PasswordField
        label={t("login.password")}
        autoComplete="current-password"
        value={password}
        disabled={code !== ""}
        onChange={(event) => setPassword(event.target.value)}
      />
      <Field
        label={t("factor.orRecovery")}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        value={code}
        disabled={password !== ""}
        onChange={(event) => setCode(event.target.value)}
      />
      <Problem error={remove.error} />
      <Button type="submit" kind="care" busy={remove.isPending} disabled={!password && !code}>
        {t("factor.remove")}
      </Button>
    </form>
  );
}
