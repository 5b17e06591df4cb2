import { data } from "@salus/api-client";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { PasskeyProblem } from "./PasskeyProblem";
import { canUsePasskeys, proveByPasskey } from "./passkey";
import { goAway, linksQuery } from "./providers";
import { factorsQuery } from "./security";

interface Props {
  open: boolean;
  onClose: (shown: boolean) => void;
}

// Asks once more who it is, wherever the server wants to know before it does something.
export function StepUp({ open, onClose }: Props) {
  return (
    <Sheet open={open} title={t("stepUp.title")} onClose={() => onClose(false)}>
      <Proof onShown={() => onClose(true)} />
    </Sheet>
  );
}

function Proof({ onShown }: { onShown: () => void }) {
  const factors = useQuery(factorsQuery);
  const [typed, setTyped] = useState("");
  const needed = factors.data?.needed;
  const show = useMutation({
    mutationFn: async (passkey: boolean) => {
      const code = needed ? { code: typed.trim() } : { password: typed };
      const body = passkey ? await proveByPasskey() : code;
      return data(api.POST("/api/auth/health-token", { body }));
    },
    onSuccess: onShown,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    show.mutate(false);
  };
  const common = {
    value: typed,
    required: true,
    onChange: (event: { target: { value: string } }) => setTyped(event.target.value),
  };
  if (!factors.data) return <Problem error={factors.error} />;
  if (!needed && !factors.data.password) return <Elsewhere />;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="text-soft">{t("stepUp.text")}</p>
      {factors.data.passkeys > 0 && canUsePasskeys() && (
        <Button icon="lock" busy={show.isPending} onClick={() => show.mutate(true)}>
          {t("passkey.use")}
        </Button>
      )}
      {needed ? (
        <Field
          {...common}
          label={t("code.label")}
          hint={t("code.hint")}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
      ) : (
        <PasswordField {...common} label={t("login.password")} autoComplete="current-password" />
      )}
      <PasskeyProblem error={show.error} />
      <Button type="submit" kind="primary" busy={show.isPending}>
        {t("stepUp.go")}
      </Button>
    </form>
  );
}

// Whoever has neither a password nor a second factor shows it where their account is opened.
function Elsewhere() {
  const links = useQuery(linksQuery);
  const go = useMutation({
    mutationFn: (provider: string) => goAway(provider, "confirm", { next: location.pathname }),
  });
  return (
    <div className="grid gap-4">
      <p className="text-soft">{t("stepUp.text")}</p>
      <Problem error={links.error ?? go.error} />
      {links.data?.map(
        ({ id, name, provider }) =>
          provider && (
            <Button key={id} busy={go.isPending} onClick={() => go.mutate(provider)}>
              {t("stepUp.elsewhere", { name })}
            </Button>
          ),
      )}
    </div>
  );
}
