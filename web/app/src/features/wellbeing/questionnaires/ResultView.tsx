import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { buttonClass } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Notice } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { SafetyCard } from "../../crisis/SafetyCard";
import type { Kept } from "./Answering";
import type { Questionnaire } from "./answers";
import { shares } from "./chart";

// Help first, where an answer asks for it; then what the number means, and what it does not.
export function ResultView({ of, kept }: { of: Questionnaire; kept: Kept }) {
  const { result, help } = kept;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), []);
  const safety = result?.safety;
  return (
    <>
      {(safety || help) && <SafetyCard alert={safety?.alert ?? true} note={safety ?? undefined} />}
      <Card>
        <h2 ref={title} tabIndex={-1} className="text-2xl outline-none">
          {t(result ? "asks.result" : "asks.waitingTitle")}
        </h2>
        {result ? (
          <>
            <p className="mt-3 text-lg">
              <span className="font-serif text-4xl">{result.total}</span>{" "}
              <span className="text-soft">{t("asks.of", { max: result.max })}</span>
            </p>
            <Bands of={of} total={result.total} />
            <p className="mt-4 max-w-prose text-lg" lang={of.said}>
              {of.bands.find((band) => band.name === result.band)?.text ?? result.meaning}
            </p>
            {result.positive && <p className="mt-3 max-w-prose">{t("screening.positive")}</p>}
            <p className="mt-3 max-w-prose text-soft" lang={of.said}>
              {of.notice}
            </p>
          </>
        ) : (
          <Notice className="mt-3">{t("asks.waiting")}</Notice>
        )}
        <div className="mt-5 flex flex-wrap gap-2">
          <Link to="/care/skills" className={buttonClass("plain")}>
            {t("asks.toSkills")}
          </Link>
          <Link to="/care/questionnaires" className={buttonClass("quiet")}>
            {t("asks.others")}
          </Link>
        </div>
      </Card>
    </>
  );
}

// Where the total lies among the bands. Quiet colours: a number is no alarm.
function Bands({ of, total }: { of: Questionnaire; total: number }) {
  const bands = shares(of.bands);
  return (
    <div className="mt-4 flex gap-1" aria-hidden="true">
      {bands.map((band) => {
        const here = total >= band.from && total <= band.to;
        return (
          <span key={band.name} className="min-w-7" style={{ flexGrow: band.share }}>
            <span
              className={`block h-2.5 rounded-full ${here ? "bg-brand" : "bg-sunken ring-1 ring-line ring-inset"}`}
            />
            <span
              className={`mt-1 block text-xs tabular-nums ${here ? "font-semibold" : "text-soft"}`}
            >
              {band.from === band.to ? band.from : `${band.from}–${band.to}`}
            </span>
          </span>
        );
      })}
    </div>
  );
}
