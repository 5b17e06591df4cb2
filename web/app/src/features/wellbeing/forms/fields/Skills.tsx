import { useQuery } from "@tanstack/react-query";
import { IconButton } from "../../../../components/ui/Button";
import { Select } from "../../../../components/ui/Field";
import { currentLocale } from "../../../../i18n";
import { t } from "../../../../i18n/wellbeing";
import { practiceQuery } from "../../api";
import { Scale } from "../../Scale";
import { allSkills, FAMILIES, helpedBefore } from "../../skills/library";
import { familyWord } from "../../skills/words";
import type { FieldProps } from "./SectionField";

const MOST = 40;
const OFFERED = 4;

// Exercises of the library: what helped before is one tap away, the rest in a list by kind.
export function Skills({ section, value, onChange }: FieldProps) {
  const rated = value.skills ?? {};
  const skills = allSkills(currentLocale());
  const practice = useQuery(practiceQuery);
  const add = (id: string) => {
    if (id && rated[id] === undefined) onChange({ skills: { ...rated, [id]: 1 } });
  };
  const chosen = Object.keys(rated);
  const offered = helpedBefore(practice.data?.practice ?? [])
    .filter((id) => rated[id] === undefined)
    .slice(0, OFFERED);
  const title = (id: string) => skills.find((skill) => skill.id === id)?.title ?? id;
  return (
    <div className="grid gap-4">
      {chosen.map((id) => (
        <div key={id} className="flex items-end gap-1">
          <div className="min-w-0 flex-1">
            <Scale
              label={title(id)}
              to={section.scale_to ?? 5}
              value={rated[id]}
              onChange={(to) => onChange({ skills: { ...rated, [id]: to } })}
            />
          </div>
          <IconButton
            icon="close"
            label={t("form.remove", { what: title(id) })}
            onClick={() =>
              onChange({
                skills: Object.fromEntries(Object.entries(rated).filter(([one]) => one !== id)),
              })
            }
          />
        </div>
      ))}
      {offered.length > 0 && (
        <div className="flex flex-wrap gap-2">
          {offered.map((id) => (
            <button
              key={id}
              type="button"
              onClick={() => add(id)}
              className="min-h-10 cursor-pointer rounded-full border border-edge bg-surface px-4 transition-colors hover:bg-sunken"
            >
              {title(id)}
            </button>
          ))}
        </div>
      )}
      {chosen.length < MOST && (
        <Select
          label={t("form.addSkill")}
          value=""
          onChange={(event) => add(event.target.value)}
          className="max-w-md"
        >
          <option value="">{t("form.chooseSkill")}</option>
          {FAMILIES.map((family) => (
            <optgroup key={family} label={familyWord(family)}>
              {skills
                .filter((skill) => skill.family === family && rated[skill.id] === undefined)
                .map((skill) => (
                  <option key={skill.id} value={skill.id}>
                    {skill.title}
                  </option>
                ))}
            </optgroup>
          ))}
        </Select>
      )}
    </div>
  );
}
