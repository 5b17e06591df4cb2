import { IconButton } from "../../../../components/ui/Button";
import { INPUT } from "../../../../components/ui/Field";
import { t } from "../../../../i18n/wellbeing";
import type { Contact } from "../entry";
import { Examples } from "./Items";
import { useRows } from "./rows";
import type { FieldProps } from "./SectionField";

const NOBODY: Contact = { name: "", phone: "" };

export function Contacts({ section, language, value, onChange }: FieldProps) {
  const contacts = value.contacts ?? [];
  const rows = useRows(contacts, NOBODY, (next) => onChange({ contacts: next }));
  return (
    <>
      <ul className="grid gap-3">
        {rows.shown.map((contact, at) => (
          <li key={rows.keys[at]} className="flex items-center gap-1">
            <span className="grid flex-1 gap-2 sm:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
              <input
                aria-label={t("form.name", { section: section.title, at: at + 1 })}
                placeholder={t("form.namePlace")}
                value={contact.name}
                maxLength={500}
                onChange={(event) => rows.change(at, { ...contact, name: event.target.value })}
                className={INPUT}
              />
              <input
                type="tel"
                aria-label={t("form.phone", { section: section.title, at: at + 1 })}
                placeholder={t("form.phonePlace")}
                value={contact.phone ?? ""}
                maxLength={40}
                onChange={(event) => rows.change(at, { ...contact, phone: event.target.value })}
                className={INPUT}
              />
            </span>
            {at < contacts.length && (
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
        used={contacts.map((contact) => contact.name)}
        onPick={(name) =>
          onChange({
            contacts: [...contacts.filter((one) => one.name || one.phone), { name, phone: "" }],
          })
        }
      />
    </>
  );
}
