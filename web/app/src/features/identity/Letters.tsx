import { data } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { PublicPage } from "../../components/shell/PublicPage";
import { Button, buttonClass } from "../../components/ui/Button";
import { Field, PasswordField } from "../../components/ui/Field";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/letters";
import { api } from "../../lib/api";
import { codeFromAddress } from "./login";
import { PasswordMeter } from "./PasswordMeter";

// The pages that links in letters lead to, and the one that asks for such a letter.
export function ForgotPassword() {
  const [email, setEmail] = useState("");
  const ask = useMutation({
    mutationFn: () => data(api.POST("/api/auth/password/forgot", { body: { email } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  return (
    <PublicPage title={t("forgot.title")} lead={t("forgot.lead")}>
      {ask.isSuccess ? (
        <Notice role="status">{t("forgot.sent")}</Notice>
      ) : (
        <form onSubmit={submit} className="grid gap-5">
          <Field
            label={t("forgot.email")}
            type="email"
            autoComplete="email"
            maxLength={254}
            value={email}
            onChange={(event) => setEmail(event.target.value)}
            required
          />
          <Problem error={ask.error} />
          <Button type="submit" kind="primary" busy={ask.isPending} className="w-full">
            {t("forgot.send")}
          </Button>
        </form>
      )}
      <p className="mt-6 text-soft">{t("forgot.noAddress")}</p>
    </PublicPage>
  );
}

export function ResetPassword() {
  const [token] = useState(codeFromAddress);
  const [password, setPassword] = useState("");
  const reset = useMutation({
    mutationFn: () => data(api.POST("/api/auth/password/reset", { body: { token, password } })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    reset.mutate();
  };
  return (
    <PublicPage title={t("reset.title")} lead={t("reset.lead")}>
      {reset.isSuccess ? (
        <Done text={t("reset.done")} />
      ) : (
        <form onSubmit={submit} className="grid gap-5">
          <PasswordField
            label={t("password.new")}
            hint={<PasswordMeter password={password} />}
            autoComplete="new-password"
            minLength={8}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            required
          />
          <Problem error={reset.error} />
          <Button type="submit" kind="primary" busy={reset.isPending} className="w-full">
            {t("password.change")}
          </Button>
        </form>
      )}
    </PublicPage>
  );
}

export function VerifyEmail() {
  const [token] = useState(codeFromAddress);
  const asked = useRef(false);
  const prove = useMutation({
    mutationFn: () => data(api.POST("/api/auth/verify-email", { body: { token } })),
  });
  const { mutate } = prove;
  useEffect(() => {
    // A link is good once, and effects may run twice.
    if (!asked.current) mutate();
    asked.current = true;
  }, [mutate]);
  return (
    <PublicPage title={t("verify.title")} lead={t("verify.lead")}>
      <Problem error={prove.error} />
      {prove.isSuccess && <Done text={t("verify.done")} />}
    </PublicPage>
  );
}

function Done({ text }: { text: string }) {
  return (
    <>
      <Notice role="status">{text}</Notice>
      <Link to="/login" className={buttonClass("primary", "mt-5 w-full")}>
        {t("login.submit")}
      </Link>
    </>
  );
}
