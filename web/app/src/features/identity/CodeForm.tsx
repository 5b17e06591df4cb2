import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { enterCode } from "./login";
import { useSession } from "./session";

// The second half of a log-in, for accounts that have a second factor.
export function CodeForm({ ticket, onBack }: { ticket: string; onBack: () => void }) {
  const { enter } = useSession();
  const [code, setCode] = useState("");
  const attempt = useMutation({ mutationFn: () => enterCode(ticket, code), onSuccess: enter });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-5">
      <Problem error={attempt.error} />
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
