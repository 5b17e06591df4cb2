import { t } from "../../i18n";
import { usePrefs } from "../../lib/prefs";

export function Wordmark() {
  const { discreet } = usePrefs();
  return (
    <span className="inline-flex items-center gap-2.5 font-serif text-2xl">
      <img src={discreet ? "/icon-neutral.svg" : "/icon.svg"} alt="" width="32" height="32" />
      {discreet ? t("app.discreetName") : t("app.name")}
    </span>
  );
}
