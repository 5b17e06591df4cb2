import { Link } from "@tanstack/react-router";
import { PublicPage } from "../../components/shell/PublicPage";
import { t } from "../../i18n";
import { LoginForm } from "./LoginForm";
import { ProviderButtons } from "./ProviderButtons";

export function Login() {
  return (
    <PublicPage title={t("login.title")} lead={t("login.lead")}>
      <LoginForm />
      <ProviderButtons />
      <p className="mt-6 text-soft">
        <Link
          to="/forgot-password"
          className="font-semibold text-brand underline underline-offset-4"
        >
          {t("login.forgot")}
        </Link>
      </p>
      <p className="mt-2 text-soft">
        {t("login.new")}{" "}
        <Link to="/register" className="font-semibold text-brand underline underline-offset-4">
          {t("login.register")}
        </Link>
      </p>
    </PublicPage>
  );
}
