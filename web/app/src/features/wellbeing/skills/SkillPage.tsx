import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { buttonClass, IconButton } from "../../../components/ui/Button";
import { Icon } from "../../../components/ui/Icon";
import { Notice } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { useSession } from "../../identity/session";
import { practiceQuery } from "../api";
import { Back } from "../Back";
import { Afterwards } from "./Afterwards";
import { useFavourites } from "./favourites";
import { type Skill, skillOf } from "./library";
import { Timer } from "./Timer";
import { Worksheet } from "./Worksheet";
import { cautionWord, familyWord, situationWord } from "./words";

export function SkillPage() {
  const { name } = useParams({ strict: false });
  const skill = skillOf(name ?? "", currentLocale());
  return skill ? <Exercise key={skill.id} skill={skill} /> : <Unknown />;
}

function Unknown() {
  return (
    <div className="mx-auto max-w-3xl">
      <h1 className="mb-3 text-3xl">{t("skill.unknown")}</h1>
      <Link to="/care/skills" className={buttonClass("plain")}>
        {t("skills.title")}
      </Link>
    </div>
  );
}

function Exercise({ skill }: { skill: Skill }) {
  const { user } = useSession();
  const favourites = useFavourites();
  const [step, setStep] = useState<number>();
  const [over, setOver] = useState(false);
  const timed = (skill.seconds?.length ?? 0) > 0;
  return (
    <article className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-6">
      <div className="flex items-center justify-between">
        <Back to="/care/skills">{t("skills.title")}</Back>
        {favourites.can && (
          <IconButton
            icon="star"
            label={t("skill.favourite")}
            on={favourites.marked.includes(skill.id)}
            onClick={() => favourites.toggle(skill.id)}
          />
        )}
      </div>
      <header lang={skill.language}>
        <h1 className="text-3xl sm:text-4xl">{skill.title}</h1>
        <p className="mt-2 max-w-prose text-lg text-soft">{skill.purpose}</p>
        <Facts skill={skill} />
      </header>
      <Care skill={skill} />
      {timed && <Timer skill={skill} onStep={setStep} onDone={() => setOver(true)} />}
      <Steps skill={skill} now={step} />
      {skill.fields && skill.fields.length > 0 && <Worksheet skill={skill} user={user} />}
      {user && <Afterwards skill={skill.id} owner={user.id} over={over} />}
      {user && <Before skill={skill.id} />}
      <details>
        <summary className="min-h-11 cursor-pointer content-center font-semibold text-brand">
          {t("skill.evidence")}
        </summary>
        <p lang={skill.language} className="max-w-prose text-soft">
          {skill.evidence}
        </p>
      </details>
    </article>
  );
}

function Facts({ skill }: { skill: Skill }) {
  const facts = [
    familyWord(skill.family),
    t("skill.minutes", { count: skill.minutes }),
    t(`difficulty.${skill.difficulty}`),
  ];
  return (
    <div lang={currentLocale()}>
      <p className="mt-4 text-sm">{facts.join(" · ")}</p>
      <p className="mt-1 text-soft text-sm">
        {t("skill.when")} {skill.situations.map(situationWord).join(", ")}
      </p>
    </div>
  );
}

function Care({ skill }: { skill: Skill }) {
  if (!skill.caution) return null;
  return (
    <Notice kind="warn">
      <p className="font-semibold">
        {t("skill.caution", { what: (skill.cautions ?? []).map(cautionWord).join(", ") })}
      </p>
      <p lang={skill.language}>{skill.caution}</p>
    </Notice>
  );
}

function Steps({ skill, now }: { skill: Skill; now: number | undefined }) {
  return (
    <section>
      <h2 className="mb-3 text-2xl">{t("skill.steps")}</h2>
      <ol className="grid gap-2" lang={skill.language}>
        {skill.steps.map((text, at) => (
          <li
            key={text}
            aria-current={at === now ? "step" : undefined}
            className="flex gap-4 rounded-card border border-line bg-surface p-4 transition-colors aria-[current]:border-brand aria-[current]:bg-brand-soft"
          >
            <span aria-hidden="true" className="w-5 shrink-0 font-serif text-2xl text-brand">
              {at + 1}
            </span>
            <span className="self-center">{text}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

// The other times, where there were some; no count and no row of days.
function Before({ skill }: { skill: string }) {
  const { data } = useQuery(practiceQuery);
  const own = data?.practice.filter((one) => one.skill === skill).slice(0, 5) ?? [];
  if (own.length === 0) return null;
  return (
    <section>
      <h2 className="mb-2 text-xl">{t("skill.before")}</h2>
      <ul className="divide-y divide-line">
        {own.map((one) => (
          <li key={one.id} className="flex gap-3 py-2">
            <Icon name="leaf" className="mt-0.5 size-5 text-brand" />
            <span>
              <span className="font-semibold">
                {one.helped ? t(`helped.${one.helped}`) : t("helped.unsaid")}
              </span>
              <span className="ml-2 text-soft text-sm">{mediumDay(new Date(one.occurred_at))}</span>
              {one.note && <span className="block">{one.note}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
