import { Link } from "@tanstack/react-router";
import { t } from "../../i18n";
import { usePrefs } from "../../lib/prefs";
import { Icon } from "../ui/Icon";

// One tap from everywhere, and one key, which the link shows.
export function HelpLink({ wide = false }: { wide?: boolean }) {
  const { helpKey } = usePrefs();
  return (
    <Link
      to="/help-now"
      aria-keyshortcuts={helpKey ? "? F1" : undefined}
      className={`inline-flex min-h-11 items-center gap-2 rounded-full bg-care-soft px-4 py-2 font-semibold text-care transition-colors hover:bg-care hover:text-on-care ${wide ? "w-full justify-center" : ""}`}
    >
      <Icon name="help" />
      {t("crisis.link")}
      {helpKey && (
        <span
          aria-hidden="true"
          className="ml-1 hidden rounded-md border border-current px-1.5 font-sans text-xs sm:inline"
        >
          ?
        </span>
      )}
    </Link>
  );
}
