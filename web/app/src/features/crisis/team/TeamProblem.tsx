import { ApiFailure } from "@salus/api-client";
import { Link } from "@tanstack/react-router";
import { buttonClass } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/team";

// Rights of the team count only with a second factor; whoever has none is shown the way to one.
export function TeamProblem({ error }: { error: unknown }) {
  if (!(error instanceof ApiFailure && error.code === "STEP_UP_REQUIRED")) {
    return <Problem error={error} />;
  }
  return <NeedsFactor />;
}

export function NeedsFactor() {
  return (
    <Notice kind="warn" role="alert">
      <p className="mb-3">{t("team.factor")}</p>
      <Link to="/account/security" className={buttonClass("plain")}>
        {t("team.factorLink")}
      </Link>
    </Notice>
  );
}
