import { Select } from "../../components/ui/Field";
import { Toggle } from "../../components/ui/Toggle";
import { currentLocale, LOCALES, load } from "../../i18n";
import { t } from "../../i18n/account";
import { type Prefs, setPrefs, usePrefs } from "../../lib/prefs";

const LANGUAGE = "language";

export function Appearance() {
  const prefs = usePrefs();
  return (
    <div className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          label={t("look.theme")}
          value={prefs.theme}
          onChange={(event) => setPrefs({ theme: event.target.value as Prefs["theme"] })}
        >
          <option value="system">{t("look.system")}</option>
          <option value="light">{t("look.light")}</option>
          <option value="dark">{t("look.dark")}</option>
        </Select>
        <Select
          label={t("look.language")}
          hint={t("look.languageHint")}
          name={LANGUAGE}
          value={currentLocale()}
          onChange={(event) => {
            const locale = event.target.value;
            void load(locale).then(() => {
              setPrefs({ locale });
              // The screen is drawn anew; whoever came here by keyboard stays here.
              requestAnimationFrame(() =>
                document.querySelector<HTMLElement>(`select[name="${LANGUAGE}"]`)?.focus(),
              );
            });
          }}
        >
          {LOCALES.map(([tag, name]) => (
            <option key={tag} value={tag}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <div className="divide-y divide-line">
        <Toggle
          label={t("look.contrast")}
          checked={prefs.contrast === "more"}
          onChange={(on) => setPrefs({ contrast: on ? "more" : "system" })}
        />
        <Toggle
          label={t("look.motion")}
          hint={t("look.motionHint")}
          checked={prefs.motion === "less"}
          onChange={(on) => setPrefs({ motion: on ? "less" : "system" })}
        />
        <Toggle
          label={t("look.helpKey")}
          hint={t("look.helpKeyHint")}
          checked={prefs.helpKey}
          onChange={(helpKey) => setPrefs({ helpKey })}
        />
      </div>
    </div>
  );
}
