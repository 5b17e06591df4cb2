import { ApiFailure } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Notice } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { mediumDay } from "../../lib/dates";
import { CodeForm } from "./CodeForm";
import { type FactorNeeded, type LoggedIn, logIn } from "./login";
import { PasskeyProblem } from "./PasskeyProblem";
import { canUsePasskeys, logInWithPasskey, offerPasskey } from "./passkey";
import { useSession } from "./session";

export function LoginForm({ name: known }: { name?: string | undefined }) {
  const { enter } = useSession();
  const [name, setName] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [needed, setNeeded] = useState<FactorNeeded>();
  const offer = useOffer(enter);
  const attempt = useMutation({
    mutationFn: (restore: boolean) => logIn(name, password, restore),
    onSuccess: (answer) => {
      if (!("ticket" in answer)) return enter(answer);
      offer.stop();
      setNeeded(answer);
    },
  });
  const byPasskey = useMutation({ mutationFn: logInWithPasskey, onSuccess: enter });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    byPasskey.reset();
    offer.reset();
    attempt.mutate(false);
  };
  const closed = [attempt, byPasskey].find(
    ({ error }) => error instanceof ApiFailure && error.code === "ACCOUNT_CLOSED",
  );
  if (needed) return <CodeForm needed={needed} onBack={() => setNeeded(undefined)} />;
  return (
    <form onSubmit={submit} className="grid gap-5">
      {closed ? (
        <Notice kind="warn" role="alert">
          <p className="mb-3">{closedText(closed.error)}</p>
          <Button busy={closed.isPending} onClick={() => closed.mutate(true)}>
            {t("login.restore")}
          </Button>
        </Notice>
      ) : (
        <PasskeyProblem error={attempt.error ?? byPasskey.error ?? offer.error} />
      )}
      <Field
        label={t("login.name")}
        value={name}
        onChange={(event) => setName(event.target.value)}
        readOnly={Boolean(known)}
        autoComplete="username webauthn"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={254}
        required
      />
      <PasswordField
        label={t("login.password")}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        autoComplete="current-password"
        required
      />
      <Button type="submit" kind="primary" busy={attempt.isPending} className="w-full">
        {attempt.isPending ? t("login.busy") : t("login.submit")}
      </Button>
      {canUsePasskeys() && (
        <Button
          icon="lock"
          busy={byPasskey.isPending}
          onClick={() => {
            attempt.reset();
            offer.stop();
            byPasskey.mutate(false);
          }}
          className="w-full"
        >
          {t("passkey.use")}
        </Button>
      )}
    </form>
  );
}

// Passkeys among the names that the browser offers; a browser asks for one thing at a time.
function useOffer(enter: (view: LoggedIn) => void) {
  const ending = useRef<AbortController>(undefined);
  const { mutate, reset, error } = useMutation({
    mutationFn: offerPasskey,
    onSuccess: (view) => view && enter(view),
  });
  useEffect(() => {
    const controller = new AbortController();
    ending.current = controller;
    mutate(controller.signal);
    return () => controller.abort();
  }, [mutate]);
  const stop = () => {
    ending.current?.abort();
    reset();
  };
  return { error, reset, stop };
}

function closedText(error: Error | null): string {
  const until = error instanceof ApiFailure && error.detail?.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/)?.[0];
  return until ? t("login.closedUntil", { day: mediumDay(new Date(until)) }) : t("login.closed");
}
