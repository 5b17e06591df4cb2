import { useState } from "react";
import { Button, IconButton } from "../../../../components/ui/Button";
import { t } from "../../../../i18n/wellbeing";
import { SafetyCard } from "../../../crisis/SafetyCard";
import { Scale } from "../../Scale";
import { callOf } from "../entry";
import type { FieldProps } from "./SectionField";

const OWN = 10;

// What the form lists, and what the person adds, each rated in one tap.
export function Marks({ section, value, onChange }: FieldProps) {
  const rated = value.marks ?? {};
  const top = section.scale_to ?? 5;
  const known = (section.marks ?? []).map(({ id, label }) => ({ id, label, own: false }));
  const own = Object.keys(rated)
    .filter((id) => !known.some((mark) => mark.id === id))
    .map((id) => ({ id, label: id, own: true }));
  const call = callOf(section, rated);
  const rate = (id: string, to: number) => onChange({ marks: { ...rated, [id]: to } });
  const drop = (id: string) =>
    onChange({ marks: Object.fromEntries(Object.entries(rated).filter(([one]) => one !== id)) });
  return (
    <div className="grid gap-4">
      {[...known, ...own].map((mark) => (
        <div key={mark.id}>
          <div className="flex items-end gap-1">
            <div className="min-w-0 flex-1">
              {top === 1 ? (
                <YesNo
                  label={mark.label}
                  value={rated[mark.id]}
                  onChange={(to) => rate(mark.id, to)}
                />
              ) : (
                <Scale
                  label={mark.label}
                  to={top}
                  value={rated[mark.id]}
                  onChange={(to) => rate(mark.id, to)}
                />
              )}
            </div>
            {mark.own && (
              <IconButton
                icon="close"
                label={t("form.remove", { what: mark.label })}
                onClick={() => drop(mark.id)}
              />
            )}
          </div>
          {/* Help stands where the urge was rated, and not at the end of a long page. */}
          <div role="status" className="[&>aside]:mt-3! [&>aside]:mb-0">
            {call?.mark === mark.id && <SafetyCard alert={call.alert} />}
          </div>
        </div>
      ))}
      {own.length < OWN && (
        <OwnMark
          label={t("form.ownMark", { section: section.title })}
          onAdd={(name) => rate(name, rated[name] ?? (top === 1 ? 1 : 0))}
        />
      )}
    </div>
  );
}

interface YesNoProps {
  label: string;
  value: number | undefined;
  onChange: (value: number) => void;
}

function YesNo({ label, value, onChange }: YesNoProps) {
  return (
    <fieldset className="flex flex-wrap items-center justify-between gap-2">
      <legend className="float-left font-semibold">{label}</legend>
      <span className="flex gap-2">
        {([1, 0] as const).map((answer) => (
          <button
            key={answer}
            type="button"
            aria-pressed={value === answer}
            onClick={() => onChange(answer)}
            className="min-h-10 min-w-16 cursor-pointer rounded-full border border-edge bg-surface px-4 font-medium transition-colors hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand"
          >
            {t(answer === 1 ? "form.yes" : "form.no")}
          </button>
        ))}
      </span>
    </fieldset>
  );
}

function OwnMark({ label, onAdd }: { label: string; onAdd: (name: string) => void }) {
  const [typed, setTyped] = useState("");
  const add = () => {
    if (typed.trim()) onAdd(typed.trim());
    setTyped("");
  };
  return (
    <div className="flex gap-2">
      <input
        aria-label={label}
        placeholder={t("form.own")}
        value={typed}
        maxLength={40}
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            add();
          }
        }}
        className="min-h-10 w-48 rounded-full border border-edge border-dashed bg-transparent px-4 placeholder:text-soft"
      />
      {typed.trim() && (
        <Button kind="quiet" className="min-h-10 py-0" onClick={add}>
          {t("tags.add")}
        </Button>
      )}
    </div>
  );
}
