import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { Wordmark } from "../../components/shell/Wordmark";
import { Button } from "../../components/ui/Button";
import { Select } from "../../components/ui/Field";
import { Icon } from "../../components/ui/Icon";
import { currentLocale, t } from "../../i18n";
import { Breathing } from "./Breathing";
import { dial, type Line, PLACES, placeFor } from "./resources";

const REMEMBERED = "salus.place";

// For the worst moment: no log-in, no network, nothing to read before the number.
export function HelpPage() {
  const router = useRouter();
  const [place, setPlace] = useState(() =>
    placeFor(localStorage.getItem(REMEMBERED) ?? "", navigator.languages),
  );
  const choose = (code: string) => {
    localStorage.setItem(REMEMBERED, code);
    setPlace(placeFor(code, []));
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
          {place?.lines.map((line) => (
            <Call key={line.number} line={line} />
          ))}
          <p className="px-1 text-soft">{t(place ? "crisis.elsewhere" : "crisis.unknownPlace")}</p>
          <Select
            label={t("crisis.where")}
            value={place?.code ?? ""}
            onChange={(event) => choose(event.target.value)}
            className="max-w-sm"
          >
            <option value="">{t("crisis.otherPlace")}</option>
            {placeNames().map(([code, name]) => (
              <option key={code} value={code}>
                {name}
              </option>
            ))}
          </Select>
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
        <Breathing />
        <p className="mt-10 text-soft text-sm">{t("crisis.limits")}</p>
      </main>
    </div>
  );
}

function Call({ line }: { line: Line }) {
  return (
    <a
      href={dial(line.number)}
      className="flex items-center gap-4 rounded-card bg-care p-5 text-on-care transition-opacity hover:opacity-90"
    >
      <Icon name="phone" className="size-8" />
      <span className="flex-1">
        <span className="block font-semibold text-2xl">
          {t("crisis.callNumber", { number: line.number })}
        </span>
        <span className="block">{t(`crisis.line.${line.name}`)}</span>
        <span className="block text-sm">{t("crisis.source", { source: line.source })}</span>
      </span>
    </a>
  );
}

function placeNames(): [string, string][] {
  const names = new Intl.DisplayNames([currentLocale(), "en"], { type: "region" });
  return PLACES.map(({ code }): [string, string] => [code, names.of(code) ?? code]).sort((a, b) =>
    a[1].localeCompare(b[1]),
  );
}
