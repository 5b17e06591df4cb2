import { Link, useRouter } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Wordmark } from "../../components/shell/Wordmark";
import { Button, buttonClass } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { currentLocale, t } from "../../i18n";
import { owners } from "../../lib/sealed";
import { useSession } from "../identity/session";
import { Breathing } from "./Breathing";
import { type Changed, useChangedLines } from "./changed";
import { Directories, Lines } from "./Lines";
import { allCountries, currentCountry, dial, emergencyNumbers, rememberCountry } from "./resources";

// For the worst moment: no log-in, no network, nothing to read before the number.
export function HelpPage() {
  const router = useRouter();
  const { state } = useSession();
  const [country, setCountry] = useState(currentCountry);
  const choose = (code: string) => {
    rememberCountry(code);
    setCountry(code || undefined);
  };
  return (
    <div className="min-h-dvh" lang={currentLocale()}>
      <header className="mx-auto flex max-w-3xl items-center justify-between px-5 py-4">
        <Wordmark />
        <Button
          icon="back"
          onClick={() =>
            history.length > 1 ? router.history.back() : void router.navigate({ to: "/" })
          }
        >
          {t("action.back")}
        </Button>
      </header>
      <main id="main" className="mx-auto max-w-3xl px-5 pt-4 pb-20">
        <h1 className="text-3xl sm:text-5xl">{t("crisis.title")}</h1>
        <p className="mt-3 mb-6 max-w-prose text-lg">{t("crisis.lead")}</p>
        <section aria-label={t("crisis.call")} className="grid gap-3">
          <Emergency country={country} />
          <Own />
          <Place country={country} onChoose={choose} />
          <Lines country={country} />
        </section>
        <section className="mt-10">
          <h2 className="mb-3 text-2xl">{t("crisis.nowTitle")}</h2>
          <ol className="grid gap-3 text-lg">
            {(["crisis.step1", "crisis.step2", "crisis.step3"] as const).map((key, index) => (
              <li key={key} className="flex gap-4 rounded-card border border-line bg-surface p-4">
                <span aria-hidden="true" className="font-serif text-2xl text-brand">
                  {index + 1}
                </span>
                {t(key)}
              </li>
            ))}
          </ol>
        </section>
        {state.status === "in" && <Human />}
        <Breathing />
        <Directories />
        <p className="mt-10 text-soft text-sm">{t("crisis.limits")}</p>
      </main>
    </div>
  );
}

// What one has written for this hour, and what one can do; both are here without a network.
function Own() {
  const { user } = useSession();
  const [here, setHere] = useState(false);
  useEffect(() => {
    void owners("kept/safety-plan").then((found) => setHere(found.length > 0));
  }, []);
  return (
    <nav aria-label={t("crisis.own")} className="mt-6 flex flex-wrap gap-2">
      {(user || here) && (
        <Link to="/care/plan" className={buttonClass("plain")}>
          <Icon name="shield" />
          {t("crisis.plan")}
        </Link>
      )}
      <Link to="/care/skills" className={buttonClass("plain")}>
        <Icon name="leaf" />
        {t("crisis.skills")}
      </Link>
    </nav>
  );
}

function Emergency({ country }: { country: string | undefined }) {
  const numbers = emergencyNumbers(country);
  if (numbers.length === 0) {
    return <p className="rounded-card bg-care-soft p-5 text-lg">{t("crisis.unknownPlace")}</p>;
  }
  return (
    <div className="rounded-card bg-care-soft p-5">
      <p className="mb-3 font-semibold text-lg">{t("crisis.danger")}</p>
      <div className="flex flex-wrap gap-3">
        {numbers.map((number) => (
          <a
            key={number}
            href={dial(number)}
            className="inline-flex min-h-14 flex-1 items-center justify-center gap-3 rounded-full bg-care px-6 font-semibold text-2xl text-on-care transition-opacity hover:opacity-90"
          >
            <Icon name="phone" className="size-7" />
            {t("crisis.callNumber", { number })}
          </a>
        ))}
      </div>
    </div>
  );
}

function Human() {
  return (
    <section className="mt-10 rounded-card border border-line bg-surface p-6">
      <h2 className="text-2xl">{t("crisis.human")}</h2>
      <p className="mt-1 mb-4 text-soft">{t("crisis.humanText")}</p>
      <Link to="/human" className={buttonClass("plain")}>
        {t("crisis.human")}
      </Link>
    </section>
  );
}

interface PlaceProps {
  country: string | undefined;
  onChoose: (code: string) => void;
}

function Place({ country, onChoose }: PlaceProps) {
  const changed = useChangedLines();
  return (
    <label className="mt-4 mb-1 flex flex-wrap items-center gap-x-4 gap-y-2">
      <span className="font-serif text-2xl">{t("crisis.where")}</span>
      <select
        name="country"
        value={country ?? ""}
        onChange={(event) => onChoose(event.target.value)}
        className="min-h-11 min-w-0 max-w-full flex-1 rounded-full border border-edge bg-surface px-4"
      >
        <option value="">{t("crisis.otherPlace")}</option>
        {countryNames(changed).map(([code, name]) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function countryNames(changed: Changed): [string, string][] {
  const names = new Intl.DisplayNames([currentLocale(), "en"], { type: "region" });
  return allCountries(changed)
    .map((code): [string, string] => [code, names.of(code) ?? code])
    .sort((a, b) => a[1].localeCompare(b[1]));
}
