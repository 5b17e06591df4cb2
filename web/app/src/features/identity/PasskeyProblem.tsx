import { Notice, Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { Declined } from "./passkey";

// A failure of a passkey; that the person changed their mind is none.
export function PasskeyProblem({ error }: { error: unknown }) {
  if (error instanceof Declined) return <Notice role="status">{t("passkey.declined")}</Notice>;
  return <Problem error={error} />;
}
