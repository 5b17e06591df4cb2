import { Switch } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";

interface Props {
  label: ReactNode;
  hint?: ReactNode;
  checked: boolean;
  disabled?: boolean;
  onChange: (checked: boolean) => void;
}

export function Toggle({ label, hint, checked, disabled, onChange }: Props) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4 py-3">
      <div>
        <div id={`${id}-label`} className="font-semibold">
          {label}
        </div>
        {hint && (
          <div id={`${id}-hint`} className="mt-0.5 text-soft text-sm">
            {hint}
          </div>
        )}
      </div>
      <Switch.Root
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        aria-labelledby={`${id}-label`}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-0.5 flex h-7 w-12 shrink-0 cursor-pointer rounded-full border border-edge bg-sunken p-[3px] transition-colors data-checked:border-brand data-checked:bg-brand data-disabled:opacity-55"
      >
        <Switch.Thumb className="size-5 rounded-full bg-edge transition-transform duration-150 ease-calm data-checked:translate-x-5 data-checked:bg-on-brand" />
      </Switch.Root>
    </div>
  );
}
