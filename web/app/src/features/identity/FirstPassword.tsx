import { data } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { PasswordMeter } from "./PasswordMeter";
import { useSession, useUser } from "./session";

// For whoever came by an account elsewhere: a name and a password of their own open the account, too.
export function FirstPassword() {
  const queries = useQueryClient();
  const { retry } = useSession();
  const { username } = useUser();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const choose = useMutation({
    mutationFn: async () => {
      if (!username) {
        await data(api.POST("/api/auth/username", { body: { username: name } }));
        // Whatever becomes of the password: the name is theirs.
        retry();
      }
      await data(api.POST("/api/auth/password", { body: { new_password: password } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["identity"] }),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="text-soft">{t("password.none")}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        {username ? (
          <p className="self-center break-words font-semibold">{username}</p>
        ) : (
          <Field
            label={t("password.username")}
            hint={t("password.usernameHint")}
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            minLength={3}
            maxLength={32}
            value={name}
            onChange={(event) => setName(event.target.value)}
            required
          />
        )}
        <PasswordField
          label={t("password.new")}
          hint={<PasswordMeter password={password} />}
          autoComplete="new-password"
          minLength={8}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          required
        />
      </div>
      <Problem error={choose.error} />
      <div className="flex flex-wrap items-center gap-4">
        <Button type="submit" busy={choose.isPending}>
          {t("password.set")}
        </Button>
        <p className="text-soft text-sm">{t("password.hint")}</p>
      </div>
    </form>
  );
}
