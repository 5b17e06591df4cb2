import { ApiFailure } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { PublicPage } from "../../components/shell/PublicPage";
import { Field, PasswordField } from "../../components/ui/Field";
import { t } from "../../i18n/register";
import { codeFromAddress, type Registration, register } from "./login";
import { NewAccountForm, NOTHING, useFields } from "./NewAccountForm";
import { PasswordMeter } from "./PasswordMeter";
import { ProviderButtons } from "./ProviderButtons";
import { useSession } from "./session";

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
  const { form, change } = useFields<Registration>(() => {
    const code = codeFromAddress();
    return setup ? { ...EMPTY, setupCode: code } : { ...EMPTY, inviteCode: code };
  });
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
  return (
    <PublicPage
      title={setup ? t("setup.title") : t("register.title")}
      lead={setup ? t("setup.lead") : t("register.lead")}
    >
      <NewAccountForm
        form={form}
        change={change}
        invite={asksForInvite}
        error={attempt.error}
        busy={attempt.isPending}
        onSubmit={() => attempt.mutate()}
        before={
          <>
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
          </>
        }
      />
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
