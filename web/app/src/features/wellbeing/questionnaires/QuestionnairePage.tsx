import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Button, buttonClass } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Notice } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { useUser } from "../../identity/session";
import { Back } from "../Back";
import { useDraft } from "../drafts";
import { careLanguage } from "../lang";
import type { Kept } from "./Answering";
import { Answering } from "./Answering";
import { type Answers, type Questionnaire, questionnaireOf } from "./answers";
import { Earlier } from "./Earlier";
import { ResultView } from "./ResultView";

export function QuestionnairePage() {
  const { name } = useParams({ strict: false });
  const of = questionnaireOf(name ?? "", currentLocale());
  if (!of) {
    return (
      <div className="mx-auto max-w-3xl">
        <h1 className="mb-3 text-3xl">{t("asks.unknown")}</h1>
        <Link to="/care/questionnaires" className={buttonClass("plain")}>
          {t("asks.title")}
        </Link>
      </div>
    );
  }
  return <One key={of.id} of={of} />;
}

type Stage = { at: "before" } | { at: "asking" } | { at: "after"; kept: Kept };

function One({ of }: { of: Questionnaire }) {
  const user = useUser();
  const [stage, setStage] = useState<Stage>({ at: "before" });
  const draft = useDraft<Answers>(user.id, `answers/${of.id}`);
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care/questionnaires">{t("asks.title")}</Back>
        <h1 className="mt-1 text-3xl sm:text-4xl">{of.title}</h1>
        {stage.at === "before" && (
          <p className="mt-2 text-lg text-soft" lang={of.said}>
            {of.about}
          </p>
        )}
      </div>
      {stage.at === "before" && draft.data !== undefined && (
        <Begin
          of={of}
          begun={Object.keys(draft.data ?? {}).length > 0}
          onBegin={() => setStage({ at: "asking" })}
        />
      )}
      {stage.at === "asking" && (
        <Answering
          of={of}
          begun={draft.data ?? {}}
          onKept={(kept) => setStage({ at: "after", kept })}
        />
      )}
      {stage.at === "after" && <ResultView of={of} kept={stage.kept} />}
      {stage.at !== "asking" && <Earlier of={of} />}
      <About of={of} />
    </div>
  );
}

function Begin({ of, begun, onBegin }: { of: Questionnaire; begun: boolean; onBegin: () => void }) {
  return (
    <Card>
      <p className="mb-2 font-serif text-xl" lang={of.language}>
        {of.instruction}
      </p>
      <p className="text-soft">{t("asks.before", { count: of.items.length })}</p>
      {careLanguage(currentLocale()) !== of.language && (
        <p className="mt-2 text-soft">{t("screening.language")}</p>
      )}
      <Notice className="my-4">{t("screening.notDiagnosis")}</Notice>
      <Button kind="primary" className="min-w-40" onClick={onBegin}>
        {t(begun ? "asks.goOn" : "asks.begin")}
      </Button>
    </Card>
  );
}

function About({ of }: { of: Questionnaire }) {
  return (
    <details>
      <summary className="min-h-11 cursor-pointer content-center font-semibold text-brand">
        {t("asks.source")}
      </summary>
      <div lang="en" className="max-w-prose text-soft text-sm">
        <p>{of.attribution}</p>
        <p className="mt-2">{of.source}</p>
      </div>
    </details>
  );
}
