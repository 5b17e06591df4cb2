import { useId } from "react";

interface Props {
  label: string;
  to: number;
  value: number | undefined;
  onChange: (value: number) => void;
  // The words under the ends of the scale.
  low?: string;
  high?: string;
}

// A rating in one tap: radio buttons side by side, so that arrows and a screen reader know them.
export function Scale({ label, to, value, onChange, low, high }: Props) {
  const name = useId();
  return (
    <fieldset className="min-w-0">
      <legend className="mb-1.5 font-semibold">{label}</legend>
      <div className="flex max-w-md rounded-field border border-edge bg-surface p-0.5">
        {Array.from({ length: to + 1 }, (_, number) => (
          <label
            // biome-ignore lint/suspicious/noArrayIndexKey: a number of the scale is its own name
            key={number}
            className="relative grid min-h-10 min-w-0 flex-1 cursor-pointer place-items-center rounded-lg font-medium tabular-nums transition-colors hover:bg-sunken has-checked:bg-brand has-checked:text-on-brand has-focus-visible:outline-3 has-focus-visible:outline-focus has-focus-visible:outline-offset-1"
          >
            <input
              type="radio"
              name={name}
              value={number}
              checked={value === number}
              onChange={() => onChange(number)}
              className="sr-only"
            />
            {number}
          </label>
        ))}
      </div>
      {low && high && (
        <p className="mt-1 flex max-w-md justify-between text-soft text-xs" aria-hidden="true">
          <span>{low}</span>
          <span>{high}</span>
        </p>
      )}
    </fieldset>
  );
}
