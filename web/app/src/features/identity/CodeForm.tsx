import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { t } from "../../i18n";
import { enterCode, type FactorNeeded } from "./login";
import { PasskeyProblem } from "./PasskeyProblem";
import { canUsePasskeys, enterWithPasskey } from "./passkey";
import { useSession } from "./session";

// The second half of a log-in, for accounts that have a second factor.
interface Props {
  needed: FactorNeeded;
  onBack: () => void;
}

export function CodeForm({ needed, onBack }: Props) {
  const { ticket, passkey } = needed;
  const { enter } = useSession();
  const [code, setCode] = useState("");
  const attempt = useMutation({ mutationFn: () => enterCode(ticket, code), onSuccess: enter });
  const sign = useMutation({
    mutationFn: (question: NonNullable<FactorNeeded["passkey"]>) =>
      enterWithPasskey(ticket, question),
    onSuccess: enter,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    sign.reset();
    attempt.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-5">
      <PasskeyProblem error={attempt.error ?? sign.error} />
      {passkey && canUsePasskeys() && (
        <Button
          icon="lock"
          busy={sign.isPending}
          onClick={() => {
            attempt.reset();
            sign.mutate(passkey);
          }}
          className="w-full"
        >
          {t("passkey.use")}
        </Button>
      )}
      <Field
        label={t("code.label")}
        hint={t("code.hint")}
        value={code}
        onChange={(event) => setCode(event.target.value)}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={64}
        required
      />
      <Button type="submit" kind="primary" busy={attempt.isPending} className="w-full">
        {t("login.submit")}
      </Button>
      <Button kind="quiet" onClick={onBack}>
        {t("action.back")}
      </Button>
    </form>
  );
}
