import { Link } from "@tanstack/react-router";
import { useSession } from "../../features/identity/session";
import { t } from "../../i18n";
import { Button, buttonClass } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { HelpLink } from "./HelpLink";
import { Wordmark } from "./Wordmark";

// The app was opened without a connection: what is personal is on the server, help is here.
export function Outside() {
  const { retry } = useSession();
  return (
    <main id="main" className="mx-auto grid min-h-dvh max-w-md content-center gap-6 px-5">
      <Wordmark />
      <div>
        <h1 className="flex items-center gap-3 text-3xl">
          <Icon name="offline" className="size-8 text-soft" />
          {t("outside.title")}
        </h1>
        <p className="mt-3 text-lg text-soft">{t("outside.text")}</p>
      </div>
      <Button kind="primary" onClick={retry}>
        {t("action.retry")}
      </Button>
      <div className="flex flex-wrap gap-2">
        <Link to="/care/skills" className={buttonClass("plain", "flex-1")}>
          {t("crisis.skills")}
        </Link>
        <Link to="/care/plan" className={buttonClass("plain", "flex-1")}>
          {t("crisis.plan")}
        </Link>
      </div>
      <HelpLink wide />
    </main>
  );
}
