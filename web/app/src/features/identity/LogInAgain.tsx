import { HelpLink } from "../../components/shell/HelpLink";
import { Sheet } from "../../components/ui/Ask";
import { t } from "../../i18n";
import { LoginForm } from "./LoginForm";
import { ProviderButtons } from "./ProviderButtons";
import { useSession, useUser } from "./session";

// A log-in that ended in the middle of something: asked for on top of it, and nothing is lost.
export function LogInAgain() {
  const { stepOut } = useSession();
  const user = useUser();
  return (
    <Sheet open title={t("again.title")} onClose={stepOut}>
      <p className="mb-5 text-soft">{t("again.text")}</p>
      <LoginForm name={user.username ?? user.email ?? undefined} />
      <ProviderButtons />
      <div className="mt-4">
        <HelpLink wide />
      </div>
    </Sheet>
  );
}
