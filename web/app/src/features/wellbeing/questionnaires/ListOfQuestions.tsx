import { useId } from "react";
import { Card } from "../../../components/ui/Card";
import { t } from "../../../i18n/wellbeing";
import { asked, unanswered } from "./answers";
import { Choices } from "./Choices";
import type { QuestionsProps } from "./OneByOne";

// All questions below each other, for whoever wants to see where they lead.
export function ListOfQuestions({ of, answers, onAnswer, finish }: QuestionsProps) {
  const id = useId();
  const open = unanswered(of, answers).length;
  return (
    <Card>
      <p className="mb-5 text-lg" lang={of.language}>
        {of.instruction}
      </p>
      <ol className="grid gap-7">
        {asked(of, answers).map((item) => (
          <li key={item.id}>
            <h2 id={`${id}-${item.id}`} lang={of.language} className="mb-3 text-xl">
              {item.text}
            </h2>
            <Choices
              of={of}
              labelledBy={`${id}-${item.id}`}
              value={answers[item.id]}
              onChoose={(value) => onAnswer(item.id, value)}
            />
          </li>
        ))}
      </ol>
      <div className="mt-7 flex flex-wrap items-center gap-4">
        {finish}
        <p role="status" className="text-soft">
          {open > 0 ? t("asks.open", { count: open }) : ""}
        </p>
      </div>
    </Card>
  );
}
