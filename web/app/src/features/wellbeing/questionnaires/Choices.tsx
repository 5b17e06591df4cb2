import { useId, useRef } from "react";
import type { Questionnaire } from "./answers";

interface Props {
  of: Questionnaire;
  labelledBy: string;
  value: number | undefined;
  onChoose: (value: number) => void;
  // After a tap or a click, which is one answer; arrows only pass over the answers.
  onTapped?: () => void;
}

export function Choices({ of, labelledBy, value, onChoose, onTapped }: Props) {
  const name = useId();
  const tapped = useRef(false);
  return (
    <div role="radiogroup" aria-labelledby={labelledBy} className="grid gap-2">
      {of.choices.map((choice) => (
        <label
          key={choice.value}
          onPointerDown={() => {
            tapped.current = true;
          }}
          className="relative flex min-h-13 cursor-pointer items-center gap-3 rounded-field border border-edge bg-surface px-4 py-2 transition-colors hover:bg-sunken has-checked:border-brand has-checked:bg-brand-soft has-focus-visible:outline-3 has-focus-visible:outline-focus has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name={name}
            checked={value === choice.value}
            onKeyDown={() => {
              tapped.current = false;
            }}
            onChange={() => {
              onChoose(choice.value);
              if (tapped.current) onTapped?.();
            }}
            className="peer sr-only"
          />
          <span
            aria-hidden="true"
            className="grid size-5 shrink-0 place-items-center rounded-full border-2 border-edge peer-checked:border-brand peer-checked:bg-brand peer-checked:ring-3 peer-checked:ring-surface peer-checked:ring-inset"
          />
          <span lang={of.language}>{choice.text}</span>
        </label>
      ))}
    </div>
  );
}
