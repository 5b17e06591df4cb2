import { useId } from "react";
import { t } from "../../i18n";
import { Face } from "./Face";
import { LEVELS, type Level } from "./moods";

interface Props {
  value: Level | undefined;
  labelledBy: string;
  onChange: (level: Level) => void;
}

// The browser's own radio buttons, unseen above the faces: arrows, space and taps are its business.
export function FacePicker({ value, labelledBy, onChange }: Props) {
  const name = useId();
  return (
    <fieldset aria-labelledby={labelledBy} className="grid grid-cols-5 gap-1.5 sm:gap-3">
      {LEVELS.map((level) => (
        <label
          key={level}
          className="relative flex flex-col items-center gap-2 rounded-card border-2 border-transparent px-1 py-3 text-center transition-[background-color,border-color] duration-150 hover:bg-sunken has-checked:border-brand has-checked:bg-brand-soft has-focus-visible:outline-3 has-focus-visible:outline-focus has-focus-visible:outline-offset-2"
        >
          <input
            type="radio"
            name={name}
            checked={value === level}
            onChange={() => onChange(level)}
            className="absolute inset-0 m-0 size-full cursor-pointer appearance-none opacity-0"
          />
          <Face level={level} className="size-11 sm:size-14" />
          <span className="font-medium text-xs leading-tight sm:text-sm">
            {t(`level.${level}`)}
          </span>
        </label>
      ))}
    </fieldset>
  );
}
