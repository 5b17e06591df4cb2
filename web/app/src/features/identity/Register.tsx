import { ApiFailure } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { PublicPage } from "../../components/shell/PublicPage";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/register";
import { ConsentChoices } from "../consent/ConsentChoices";
import { codeFromAddress, type Registration, register } from "./login";
import { PasswordMeter } from "./PasswordMeter";
import { ProviderButtons } from "./ProviderButtons";
import { useSession } from "./session";

// Nothing is agreed to before the person says so.
const NOTHING = {
  terms: false,
  health_data: false,
  ai_interaction: false,
  data_sharing: false,
  marketing: false,
};

const EMPTY: Registration = {
  name: "",
  displayName: "",
  password: "",
  setupCode: "",
  inviteCode: "",
  consents: NOTHING,
};

export function Register({ setup = false }: { setup?: boolean }) {
  const { enter } = useSession();
  const navigate = useNavigate();
  const [form, setForm] = useState<Registration>(() => {
    const code = codeFromAddress();
    return setup ? { ...EMPTY, setupCode: code } : { ...EMPTY, inviteCode: code };
  });
  const change = (part: Partial<Registration>) => setForm((now) => ({ ...now, ...part }));
  const attempt = useMutation({
    mutationFn: () => register(form),
    onSuccess: (answer) => {
      // The address was known, and its account has a second factor.
      if ("ticket" in answer) void navigate({ to: "/login" });
      else enter(answer);
    },
  });
  const failed = attempt.error instanceof ApiFailure ? attempt.error.code : undefined;
  const asksForInvite = !setup && (form.inviteCode !== "" || failed === "INVALID_INVITE");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt.mutate();
  };
  return (
    <PublicPage
      title={setup ? t("setup.title") : t("register.title")}
      lead={setup ? t("setup.lead") : t("register.lead")}
    >
      <form onSubmit={submit} className="grid gap-5">
        {setup && (
          <Field
            label={t("setup.code")}
            hint={t("setup.codeHint")}
            value={form.setupCode}
            onChange={(event) => change({ setupCode: event.target.value })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            required
          />
        )}
        {asksForInvite && (
          <Field
            label={t("register.invite")}
            hint={t("register.inviteHint")}
            value={form.inviteCode}
            onChange={(event) => change({ inviteCode: event.target.value })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
        <Field
          label={t("register.name")}
          hint={t("register.nameHint")}
          value={form.name}
          onChange={(event) => change({ name: event.target.value })}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          minLength={3}
          maxLength={254}
          required
        />
        <PasswordField
          label={t("login.password")}
          hint={<PasswordMeter password={form.password} />}
          value={form.password}
          onChange={(event) => change({ password: event.target.value })}
          autoComplete="new-password"
          minLength={8}
          required
        />
        <Field
          label={t("register.displayName")}
          hint={t("register.displayNameHint")}
          value={form.displayName}
          onChange={(event) => change({ displayName: event.target.value })}
          autoComplete="nickname"
          maxLength={80}
        />
        <ConsentChoices value={form.consents} onChange={(consents) => change({ consents })} />
        <Problem error={attempt.error} />
        <Button type="submit" kind="primary" busy={attempt.isPending} className="w-full">
          {attempt.isPending ? t("register.busy") : t("register.submit")}
        </Button>
      </form>
      {!setup && <ProviderButtons />}
      <p className="mt-6 text-soft">
        {t("register.known")}{" "}
        <Link to="/login" className="font-semibold text-brand underline underline-offset-4">
          {t("login.submit")}
        </Link>
      </p>
    </PublicPage>
  );
}
