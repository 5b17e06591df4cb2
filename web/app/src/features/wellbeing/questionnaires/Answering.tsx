import type { Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { SafetyCard } from "../../crisis/SafetyCard";
import { useUser } from "../../identity/session";
import { KEY } from "../api";
import { useKeeping } from "../drafts";
import { keep } from "../later";
import { type Answers, callsForHelp, type Questionnaire, unanswered, withAnswer } from "./answers";
import { ListOfQuestions } from "./ListOfQuestions";
import { OneByOne } from "./OneByOne";

export interface Kept {
  // Nothing if it waits for a connection.
  result: Schemas["QuestionnaireResultKept"] | undefined;
  help: boolean;
}

interface Props {
  of: Questionnaire;
  begun: Answers;
  onKept: (kept: Kept) => void;
}

export function Answering({ of, begun, onKept }: Props) {
  const user = useUser();
  const queries = useQueryClient();
  const [answers, setAnswers] = useState(begun);
  const [listed, setListed] = useState(false);
  const name = `answers/${of.id}`;
  const forget = useKeeping(user.id, name, answers, Object.keys(answers).length > 0);
  const help = callsForHelp(of, answers);
  const open = unanswered(of, answers).length;
  const send = useMutation({
    mutationFn: () => keep(user.id, "result", { questionnaire: of.id, answers }),
    onSuccess: async (result) => {
      await forget();
      await queries.invalidateQueries({ queryKey: KEY });
      onKept({ result, help: help !== undefined });
    },
  });
  const answer = (id: string, value: number) => setAnswers(withAnswer(of, answers, id, value));
  const Questions = listed ? ListOfQuestions : OneByOne;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-5">
      <div role="status">
        {help && (
          <>
            <SafetyCard alert />
            <p className="px-1 text-soft">{t("screening.goOn")}</p>
          </>
        )}
      </div>
      <Questions
        of={of}
        answers={answers}
        onAnswer={answer}
        finish={
          <Button
            kind="primary"
            className="min-w-40"
            busy={send.isPending}
            disabled={open > 0}
            onClick={() => send.mutate()}
          >
            {t("asks.finish")}
          </Button>
        }
      />
      <Problem error={send.error} />
      <div className="flex flex-wrap items-center justify-between gap-3 text-sm">
        <p className="text-soft">{t("asks.draft")}</p>
        <Button kind="quiet" onClick={() => setListed(!listed)}>
          {t(listed ? "asks.oneByOne" : "asks.list")}
        </Button>
      </div>
    </div>
  );
}
