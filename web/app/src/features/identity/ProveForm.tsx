import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { t } from "../../i18n/account";
import { PasskeyProblem } from "./PasskeyProblem";
import { canUsePasskeys, type Proof, proveByPasskey } from "./passkey";
import { factorsQuery } from "./security";

interface Props {
  submit: string;
  onProof: (proof: Proof) => Promise<void>;
}

// Shows again that it is you, by what you have.
export function ProveForm({ submit, onProof }: Props) {
  const [word, setWord] = useState("");
  const [code, setCode] = useState("");
  const factors = useQuery(factorsQuery);
  const prove = useMutation({
    mutationFn: async (proof: Proof | "passkey") =>
      onProof(proof === "passkey" ? await proveByPasskey() : proof),
  });
  const needed = factors.data?.needed ?? false;
  const send = (event: FormEvent) => {
    event.preventDefault();
    prove.mutate(code ? { code } : { password: word });
  };
  return (
    <form onSubmit={send} className="grid gap-4">
      <PasskeyProblem error={factors.error ?? prove.error} />
      {needed && (factors.data?.passkeys ?? 0) > 0 && canUsePasskeys() && (
        <Button busy={prove.isPending} onClick={() => prove.mutate("passkey")}>
          {t("passkey.use")}
        </Button>
      )}
      {needed && (
        <Field
          label={t("code.label")}
          hint={t("code.hint")}
          value={code}
          onChange={(event) => setCode(event.target.value)}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
      )}
      {factors.data?.password !== false && (
        <PasswordField
          label={t("login.password")}
          autoComplete="current-password"
          value={word}
          onChange={(event) => setWord(event.target.value)}
        />
      )}
      <Button type="submit" kind="primary" busy={prove.isPending} disabled={!(code || word)}>
        {submit}
      </Button>
    </form>
  );
}
