import { ApiFailure } from "@salus/api-client";
import { Link } from "@tanstack/react-router";
import { buttonClass } from "../../components/ui/Button";
import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/chat";

// What went wrong, and what one can do about it.
export function ChatProblem({ error }: { error: unknown }) {
  if (!error) return null;
  if (!(error instanceof ApiFailure)) return <Problem error={error} className="mt-5" />;
  const seconds = error.retryAfter ?? 1;
  switch (error.code) {
    case "QUOTA_EXCEEDED":
      return <Calm text={t("chat.quota", { count: Math.ceil(seconds / 3600) })} />;
    case "PACE_EXCEEDED":
      return <Calm text={t("chat.pace", { count: seconds })} />;
    case "CONSENT_REQUIRED":
      return <Consent remote={error.detail?.includes("ai_interaction") ?? false} />;
    default:
      return <Problem error={error} className="mt-5" />;
  }
}

function Calm({ text }: { text: string }) {
  return (
    <Notice kind="warn" role="alert" className="mt-5">
      {text}
    </Notice>
  );
}

function Consent({ remote }: { remote: boolean }) {
  return (
    <Notice kind="warn" role="alert" className="mt-5">
      <h2 className="mb-1 text-xl">{t("chat.consentTitle")}</h2>
      <p className="mb-3">{t(remote ? "chat.consentRemote" : "chat.consentText")}</p>
      <Link to="/account/data" className={buttonClass("plain")}>
        {t("chat.consentLink")}
      </Link>
    </Notice>
  );
}
