import { type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { t } from "../../../i18n/wellbeing";
import { type Answers, asked, type Questionnaire, unanswered } from "./answers";
import { Choices } from "./Choices";

export interface QuestionsProps {
  of: Questionnaire;
  answers: Answers;
  onAnswer: (id: string, value: number) => void;
  finish: ReactNode;
}

// Long enough to see what one has chosen.
const SEEN_MS = 260;

export function OneByOne({ of, answers, onAnswer, finish }: QuestionsProps) {
  const heading = useId();
  const items = asked(of, answers);
  const [at, setAt] = useState(() => {
    const open = unanswered(of, answers)[0];
    return open ? Math.max(0, items.indexOf(open)) : items.length - 1;
  });
  const item = items[Math.min(at, items.length - 1)];
  const last = at >= items.length - 1;
  const title = useMoved(at);
  const count = useRef(items.length);
  count.current = items.length;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const go = (to: number) => {
    clearTimeout(timer.current);
    setAt(to);
  };
  if (!item) return null;
  return (
    <Card>
      <Progress at={at} count={items.length} />
      {of.items.length > 1 && (
        <p className="mb-3 text-soft" lang={of.language}>
          {of.instruction}
        </p>
      )}
      <h2
        ref={title}
        id={heading}
        tabIndex={-1}
        lang={of.language}
        className="mb-5 text-xl outline-none sm:text-2xl"
      >
        {item.text}
      </h2>
      <Choices
        of={of}
        labelledBy={heading}
        key={item.id}
        value={answers[item.id]}
        onChoose={(value) => onAnswer(item.id, value)}
        onTapped={() => {
          // How many are asked may depend on this answer, and is known by then.
          const on = () => setAt((now) => Math.min(now + 1, count.current - 1));
          timer.current = setTimeout(on, SEEN_MS);
        }}
      />
      <div className="mt-6 flex flex-wrap justify-between gap-2">
        <Button disabled={at === 0} onClick={() => go(at - 1)}>
          {t("asks.previous")}
        </Button>
        {last ? (
          finish
        ) : (
          <Button
            kind="primary"
            className="min-w-28"
            disabled={answers[item.id] === undefined}
            onClick={() => go(at + 1)}
          >
            {t("asks.next")}
          </Button>
        )}
      </div>
    </Card>
  );
}

// Whoever moves on hears and sees the new question, and not the button that brought it.
function useMoved(at: number) {
  const title = useRef<HTMLHeadingElement>(null);
  const before = useRef(at);
  useEffect(() => {
    if (before.current !== at) title.current?.focus();
    before.current = at;
  }, [at]);
  return title;
}

export function Progress({ at, count }: { at: number; count: number }) {
  return (
    <div className="mb-5">
      <p className="mb-1.5 text-soft text-sm">
        {t("asks.progress", { at: Math.min(at + 1, count), count })}
      </p>
      <svg
        viewBox="0 0 100 1"
        preserveAspectRatio="none"
        className="h-1.5 w-full rounded-full bg-sunken"
        aria-hidden="true"
      >
        <rect width={(Math.min(at + 1, count) / count) * 100} height="1" fill="var(--brand)" />
      </svg>
    </div>
  );
}
