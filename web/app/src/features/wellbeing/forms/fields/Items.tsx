import { IconButton } from "../../../../components/ui/Button";
import { INPUT } from "../../../../components/ui/Field";
import { t } from "../../../../i18n/wellbeing";
import { useRows } from "./rows";
import type { FieldProps } from "./SectionField";

export function Items({ section, language, value, onChange }: FieldProps) {
  const items = value.items ?? [];
  const rows = useRows(items, "", (next) => onChange({ items: next }));
  return (
    <>
      <ul className="grid gap-2">
        {rows.shown.map((item, at) => (
          <li key={rows.keys[at]} className="flex items-center gap-1">
            <input
              aria-label={t("form.line", { section: section.title, at: at + 1 })}
              placeholder={at === 0 ? "" : t("form.more")}
              value={item}
              maxLength={500}
              onChange={(event) => rows.change(at, event.target.value)}
              className={INPUT}
            />
            {at < items.length && (
              <IconButton
                icon="close"
                label={t("form.removeLine", { at: at + 1 })}
                onClick={() => rows.remove(at)}
              />
            )}
          </li>
        ))}
      </ul>
      <Examples
        examples={section.examples ?? []}
        language={language}
        used={items}
        onPick={(one) => onChange({ items: [...items.filter((item) => item.trim()), one] })}
      />
    </>
  );
}

interface ExamplesProps {
  examples: readonly string[];
  language: string;
  used: readonly string[];
  onPick: (example: string) => void;
}

// What others wrote. A tap takes it over, to be changed into one's own.
export function Examples({ examples, language, used, onPick }: ExamplesProps) {
  const left = examples.filter((one) => !used.includes(one));
  if (left.length === 0) return null;
  return (
    <div className="mt-4">
      <p className="mb-2 text-soft text-sm">{t("form.examples")}</p>
      <div className="flex flex-wrap gap-2" lang={language}>
        {left.map((one) => (
          <button
            key={one}
            type="button"
            onClick={() => onPick(one)}
            className="min-h-9 cursor-pointer rounded-full border border-edge border-dashed px-3.5 py-1 text-left text-sm transition-colors hover:bg-sunken"
          >
            {one}
          </button>
        ))}
      </div>
    </div>
  );
}
