import type { Schemas } from "@salus/api-client";
import { useId } from "react";
import { t } from "../../i18n/register";
import { type Offered, TEXTS } from "./texts";

type Consents = Schemas["ConsentsRequest"];

interface Props {
  value: Consents;
  onChange: (value: Consents) => void;
}

const OFFERED: readonly Offered[] = ["terms", "health_data", "ai_interaction"];

// One decision each, in plain words, none made for the person. What an account needs says so.
export function ConsentChoices({ value, onChange }: Props) {
  return (
    <fieldset className="grid gap-3">
      <legend className="mb-2 font-semibold">{t("consent.legend")}</legend>
      {OFFERED.map((type) => (
        <Choice
          key={type}
          type={type}
          checked={value[type] ?? false}
          onChange={(checked) => onChange({ ...value, [type]: checked })}
        />
      ))}
    </fieldset>
  );
}

interface ChoiceProps {
  type: Offered;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

function Choice({ type, checked, onChange }: ChoiceProps) {
  const id = useId();
  return (
    <div className="rounded-field border border-line bg-surface p-4 has-checked:border-brand">
      <div className="flex gap-3">
        <input
          id={id}
          type="checkbox"
          checked={checked}
          required={type === "terms"}
          onChange={(event) => onChange(event.target.checked)}
          aria-describedby={`${id}-why`}
          className="mt-0.5 size-5 shrink-0 accent-brand"
        />
        <div className="min-w-0">
          <label htmlFor={id} className="font-semibold">
            {t(`consent.${type}.title`)}
          </label>
          <p id={`${id}-why`} className="mt-0.5 text-soft text-sm">
            {t(`consent.${type}.short`)}
          </p>
        </div>
      </div>
      <details className="mt-2 ml-8 text-sm">
        <summary className="cursor-pointer font-semibold text-brand">{t("consent.full")}</summary>
        <p className="mt-2 text-soft">{TEXTS[type]}</p>
      </details>
    </div>
  );
}
