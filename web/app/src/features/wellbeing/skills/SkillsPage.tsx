import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useState } from "react";
import { Icon } from "../../../components/ui/Icon";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { useSession } from "../../identity/session";
import { MOODS } from "../../journal/moods";
import { practiceQuery } from "../api";
import { Back } from "../Back";
import { useFavourites } from "./favourites";
import {
  ALL_NEEDS,
  allSkills,
  FAMILIES,
  find,
  helpedBefore,
  type Skill,
  type Wish,
} from "./library";
import { SkillRow } from "./SkillRow";
import { familyWord } from "./words";

export function SkillsPage() {
  const { user } = useSession();
  const [wish, setWish] = useState<Wish>({});
  const asked = useDeferredValue(wish);
  const skills = allSkills(currentLocale());
  const looking = Boolean(asked.words?.trim() || asked.need || asked.mood || asked.short);
  const found = find(skills, asked);
  return (
    <div className="rise mx-auto max-w-3xl">
      {user && <Back to="/care">{t("care.title")}</Back>}
      <h1 className="mt-1 text-3xl sm:text-4xl">{t("skills.title")}</h1>
      <p className="mt-2 mb-6 max-w-prose text-lg text-soft">{t("skills.lead")}</p>
      <Wishes value={wish} onChange={setWish} />
      <p role="status" className="sr-only">
        {looking ? t("skills.found", { count: found.length }) : ""}
      </p>
      {looking ? <Found skills={found} /> : <Shelves skills={skills} />}
    </div>
  );
}

const FIELD = "min-h-11 rounded-full border border-edge bg-surface px-4";
const CHIP =
  "min-h-10 cursor-pointer rounded-full border border-edge bg-surface px-4 py-1 font-medium transition-colors hover:bg-sunken aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand";

function Wishes({ value, onChange }: { value: Wish; onChange: (wish: Wish) => void }) {
  const set = (part: Partial<Wish>) => onChange({ ...value, ...part });
  return (
    <search className="mb-7 grid gap-4">
      <fieldset>
        <legend className="mb-2 font-semibold">{t("skills.need")}</legend>
        <div className="flex flex-wrap gap-2">
          {ALL_NEEDS.map((need) => (
            <button
              key={need}
              type="button"
              aria-pressed={value.need === need}
              onClick={() => set({ need: value.need === need ? undefined : need })}
              className={CHIP}
            >
              {t(`need.${need}`)}
            </button>
          ))}
        </div>
      </fieldset>
      <div className="flex flex-wrap gap-2">
        <div className="relative min-w-48 flex-1">
          <Icon
            name="search"
            className="pointer-events-none absolute top-3 left-4 size-5 text-soft"
          />
          <input
            type="search"
            aria-label={t("skills.search")}
            placeholder={t("skills.search")}
            value={value.words ?? ""}
            maxLength={100}
            onChange={(event) => set({ words: event.target.value })}
            className={`${FIELD} w-full pl-11 placeholder:text-soft`}
          />
        </div>
        <select
          aria-label={t("skills.mood")}
          value={value.mood ?? ""}
          onChange={(event) => set({ mood: event.target.value || undefined })}
          className={FIELD}
        >
          <option value="">{t("skills.anyMood")}</option>
          {MOODS.map((mood) => (
            <option key={mood} value={mood}>
              {t(`mood.${mood}`)}
            </option>
          ))}
        </select>
        <button
          type="button"
          aria-pressed={value.short ?? false}
          onClick={() => set({ short: value.short ? undefined : true })}
          className={CHIP}
        >
          {t("skills.short")}
        </button>
      </div>
    </search>
  );
}

function Found({ skills }: { skills: readonly Skill[] }) {
  if (skills.length === 0) {
    return (
      <div className="rounded-card border border-line border-dashed px-6 py-12 text-center">
        <Icon name="search" className="mx-auto mb-3 size-9 text-soft" />
        <p className="font-serif text-xl">{t("skills.none")}</p>
        <p className="mt-1 text-soft">{t("skills.noneHint")}</p>
      </div>
    );
  }
  return <List skills={skills} />;
}

// What one knows comes first, then the whole library by what it is.
function Shelves({ skills }: { skills: readonly Skill[] }) {
  const { marked } = useFavourites();
  const own = skills.filter((skill) => marked.includes(skill.id));
  return (
    <>
      <Helped skills={skills} />
      {own.length > 0 && (
        <Shelf title={t("skills.favourites")}>
          <List skills={own} />
        </Shelf>
      )}
      {FAMILIES.map((family) => (
        <Shelf key={family} title={familyWord(family)}>
          <List skills={find(skills, {}).filter((skill) => skill.family === family)} />
        </Shelf>
      ))}
    </>
  );
}

function Helped({ skills }: { skills: readonly Skill[] }) {
  const { user } = useSession();
  const practice = useQuery({ ...practiceQuery, enabled: Boolean(user) });
  const helped = helpedBefore(practice.data?.practice ?? [])
    .slice(0, 5)
    .flatMap((id) => skills.find((skill) => skill.id === id) ?? []);
  if (helped.length === 0) return null;
  return (
    <Shelf title={t("skills.helped")}>
      <List skills={helped} />
    </Shelf>
  );
}

function Shelf({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title} className="mb-7">
      <h2 className="mb-2 text-2xl">{title}</h2>
      {children}
    </section>
  );
}

function List({ skills }: { skills: readonly Skill[] }) {
  return (
    <ul className="divide-y divide-line overflow-hidden rounded-card border border-line bg-surface">
      {skills.map((skill) => (
        <li key={skill.id}>
          <SkillRow skill={skill} />
        </li>
      ))}
    </ul>
  );
}
