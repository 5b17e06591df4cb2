import { IconButton } from "../../../../components/ui/Button";
import { INPUT } from "../../../../components/ui/Field";
import { t } from "../../../../i18n/wellbeing";
import { LINKS, type Link } from "../entry";
import { useRows } from "./rows";
import type { FieldProps } from "./SectionField";

const BLANK: Link = { kind: "thought", text: "" };

// The chain: one link after the other, each a thought, a feeling, the body, something done, an event.
export function Links({ section, value, onChange }: FieldProps) {
  const links = value.links ?? [];
  const rows = useRows(links, BLANK, (next) => onChange({ links: next }));
  return (
    <ol className="relative grid gap-3 border-brand-soft border-l-4 pl-4">
      {rows.shown.map((link, at) => (
        <li key={rows.keys[at]} className="grid gap-2 sm:grid-cols-[9rem_minmax(0,1fr)_auto]">
          <select
            aria-label={t("form.linkKind", { at: at + 1 })}
            value={link.kind}
            onChange={(event) =>
              rows.change(at, { ...link, kind: event.target.value as Link["kind"] })
            }
            className={INPUT}
          >
            {LINKS.map((kind) => (
              <option key={kind} value={kind}>
                {t(`link.${kind}`)}
              </option>
            ))}
          </select>
          <input
            aria-label={t("form.line", { section: section.title, at: at + 1 })}
            placeholder={t(at === 0 ? "form.firstLink" : "form.nextLink")}
            value={link.text}
            maxLength={500}
            onChange={(event) => rows.change(at, { ...link, text: event.target.value })}
            className={INPUT}
          />
          <span className="flex min-h-11 justify-end sm:w-33">
            {at < links.length && (
              <>
                <IconButton
                  icon="chevron"
                  className="-rotate-90"
                  label={t("form.moveUp", { at: at + 1 })}
                  disabled={at === 0}
                  onClick={() => rows.move(at, at - 1)}
                />
                <IconButton
                  icon="chevron"
                  className="rotate-90"
                  label={t("form.moveDown", { at: at + 1 })}
                  disabled={at >= links.length - 1}
                  onClick={() => rows.move(at, at + 1)}
                />
                <IconButton
                  icon="close"
                  label={t("form.removeLine", { at: at + 1 })}
                  onClick={() => rows.remove(at)}
                />
              </>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
