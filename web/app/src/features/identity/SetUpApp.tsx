import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { QrCode } from "../../components/ui/QrCode";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";

interface Props {
  secret: string;
  uri: string;
  onDone: (recoveryCodes: string[]) => void;
}

// The code is drawn here: the secret goes nowhere but to the app of the person.
export function SetUpApp({ secret, uri, onDone }: Props) {
  const [code, setCode] = useState("");
  const confirm = useMutation({
    mutationFn: () =>
      data(api.POST("/api/auth/factors/totp/confirm", { body: { code: code.trim() } })),
    onSuccess: (answer) => onDone(answer.recovery_codes),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="text-soft">{t("factor.scan")}</p>
      <QrCode text={uri} label={t("factor.qr")} />
      <details>
        <summary className="cursor-pointer font-semibold text-brand">{t("factor.byHand")}</summary>
        <p className="mt-2 break-all font-mono">{secret}</p>
      </details>
      <Field
        label={t("factor.code")}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={12}
        value={code}
        onChange={(event) => setCode(event.target.value)}
        required
      />
      <Problem error={confirm.error} />
      <Button type="submit" kind="primary" busy={confirm.isPending}>
        {t("factor.confirm")}
      </Button>
    </form>
  );
}
