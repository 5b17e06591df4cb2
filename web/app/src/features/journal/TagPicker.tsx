import { useState } from "react";
import { Button } from "../../components/ui/Button";
import { t } from "../../i18n";
import { parseTags, toggled } from "./moods";

interface Props {
  value: readonly string[];
  suggestions: readonly string[];
  onChange: (tags: string[]) => void;
}

export function TagPicker({ value, suggestions, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const shown = [...new Set([...suggestions, ...value])];
  const add = () => {
    onChange([...new Set([...value, ...parseTags(typed)])].slice(0, 20));
    setTyped("");
  };
  return (
    <fieldset>
      <legend className="mb-2 font-semibold">{t("tags.legend")}</legend>
      <div className="flex flex-wrap gap-2">
        {shown.map((tag) => (
          <button
            key={tag}
            type="button"
            aria-pressed={value.includes(tag)}
            onClick={() => onChange(toggled(value, tag))}
            className="min-h-9 cursor-pointer rounded-full border border-edge bg-surface px-3.5 py-1 text-sm transition-colors hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand"
          >
            {tag}
          </button>
        ))}
        <span className="flex gap-1">
          <input
            aria-label={t("tags.own")}
            placeholder={t("tags.own")}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter") {
                event.preventDefault();
                add();
              }
            }}
            maxLength={200}
            className="min-h-9 w-32 rounded-full border border-edge border-dashed bg-transparent px-3.5 py-1 text-sm placeholder:text-soft"
          />
          {typed.trim() && (
            <Button kind="quiet" className="min-h-9 px-3 py-0 text-sm" onClick={add}>
              {t("tags.add")}
            </Button>
          )}
        </span>
      </div>
    </fieldset>
  );
}
