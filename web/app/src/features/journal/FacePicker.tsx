import { Radio } from "@base-ui/react/radio";
import { RadioGroup } from "@base-ui/react/radio-group";
import { t } from "../../i18n";
import { Face } from "./Face";
import { LEVELS, type Level } from "./moods";

interface Props {
  value: Level | undefined;
  labelledBy: string;
  onChange: (level: Level) => void;
}

export function FacePicker({ value, labelledBy, onChange }: Props) {
  return (
    <RadioGroup
      value={value ?? null}
      onValueChange={(level) => onChange(level as Level)}
      aria-labelledby={labelledBy}
      className="grid grid-cols-5 gap-1.5 sm:gap-3"
    >
      {LEVELS.map((level) => (
        <Radio.Root
          key={level}
          value={level}
          className="flex cursor-pointer flex-col items-center gap-2 rounded-card border-2 border-transparent px-1 py-3 text-center transition-[background-color,border-color] duration-150 hover:bg-sunken data-checked:border-brand data-checked:bg-brand-soft"
        >
          <Face level={level} className="size-11 sm:size-14" />
          <span className="font-medium text-xs leading-tight sm:text-sm">
            {t(`level.${level}`)}
          </span>
        </Radio.Root>
      ))}
    </RadioGroup>
  );
}
