import { ApiFailure } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { mediumDay } from "../../lib/dates";
import { CodeForm } from "./CodeForm";
import { type FactorNeeded, logIn } from "./login";
import { useSession } from "./session";

export function LoginForm({ name: known }: { name?: string | undefined }) {
  const { enter } = useSession();
  const [name, setName] = useState(known ?? "");
  const [password, setPassword] = useState("");
  const [needed, setNeeded] = useState<FactorNeeded>();
  const attempt = useMutation({
    mutationFn: (restore: boolean) => logIn(name, password, restore),
    onSuccess: (answer) => {
      if ("ticket" in answer) setNeeded(answer);
      else enter(answer);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate(false);
  };
  const closed = attempt.error instanceof ApiFailure && attempt.error.code === "ACCOUNT_CLOSED";
  if (needed) return <CodeForm ticket={needed.ticket} onBack={() => setNeeded(undefined)} />;
  return (
    <form onSubmit={submit} className="grid gap-5">
      {closed ? (
        <Notice kind="warn" role="alert">
          <p className="mb-3">{closedText(attempt.error)}</p>
          <Button busy={attempt.isPending} onClick={() => attempt.mutate(true)}>
            {t("login.restore")}
          </Button>
        </Notice>
      ) : (
        <Problem error={attempt.error} />
      )}
      <Field
        label={t("login.name")}
        value={name}
        onChange={(event) => setName(event.target.value)}
        readOnly={Boolean(known)}
        autoComplete="username"
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
    </form>
  );
}

function closedText(error: Error | null): string {
  const until = error instanceof ApiFailure && error.detail?.match(/\d{4}-\d\d-\d\dT[\d:.]+Z/)?.[0];
  return until ? t("login.closedUntil", { day: mediumDay(new Date(until)) }) : t("login.closed");
}
