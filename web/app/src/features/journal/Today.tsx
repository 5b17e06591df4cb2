import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { Card } from "../../components/ui/Card";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t, withWords } from "../../i18n";
import { addDays, dayOf, longDay, partOfDay, weekdayLetter, weekdayName } from "../../lib/dates";
import { FollowUp } from "../crisis/FollowUp";
import { useUser } from "../identity/session";
import { checkInsQuery, type Entry, entriesQuery, statsQuery } from "./api";
import { CheckIn } from "./CheckIn";
import { Face } from "./Face";
import { MomentRow } from "./MomentRow";
import { idOf, moments } from "./moments";
import { FIRST_TAGS, levelOf } from "./moods";
import { OnThisDay } from "./OnThisDay";

const Suits = lazy(withWords(() => import("../wellbeing/Suits")));

const LATELY = 4;

export function Today() {
  const user = useUser();
  const now = new Date();
  const recent = useInfiniteQuery(entriesQuery({}, 20));
  const entries = recent.data?.pages.flatMap((page) => page.entries) ?? [];
  const checkIns = useQuery(checkInsQuery(undefined, LATELY));
  const lately = moments(entries, checkIns.data ?? []).slice(0, LATELY);
  const name = user.display_name ?? user.username ?? "";
  return (
    <div className="rise">
      <p className="text-soft">{longDay(now)}</p>
      <h1 className="mb-6 text-3xl sm:text-4xl">
        {name ? t(`greeting.${partOfDay(now)}.name`, { name }) : t(`greeting.${partOfDay(now)}`)}
      </h1>
      <FollowUp />
      <div className="grid items-start gap-5 xl:grid-cols-[minmax(0,1.5fr)_minmax(0,1fr)]">
        <div className="grid gap-5">
          <CheckIn suggestions={suggestTags(entries)} />
          <Suspense fallback={null}>
            <Suits />
          </Suspense>
        </div>
        <div className="grid gap-5">
          <Talk />
          <Week />
        </div>
        <Card
          className="xl:col-span-2"
          title={t("today.recent")}
          action={
            lately.length > 0 && (
              <Link to="/journal" className="font-semibold text-brand underline underline-offset-4">
                {t("today.all")}
              </Link>
            )
          }
        >
          <Problem error={recent.error} />
          {recent.isSuccess && lately.length === 0 && (
            <p className="text-soft">{t("today.empty")}</p>
          )}
          <ul className="-mx-3 divide-y divide-line">
            {lately.map((moment) => (
              <li key={idOf(moment)}>
                <MomentRow moment={moment} />
              </li>
            ))}
          </ul>
        </Card>
        <OnThisDay />
      </div>
    </div>
  );
}

function Talk() {
  return (
    <Link
      to="/chat"
      className="scene-sky group block rounded-card border border-line p-5 shadow-card sm:p-6"
    >
      <h2 className="text-xl">{t("today.talk")}</h2>
      <p className="mt-1">{t("today.talkHint")}</p>
      <span className="mt-3 inline-flex items-center gap-1 font-semibold text-brand underline-offset-4 group-hover:underline">
        {t("today.talkLink")}
        <Icon name="chevron" className="size-4" />
      </span>
    </Link>
  );
}

// The tags of late, then some to begin with.
function suggestTags(entries: readonly Entry[]): string[] {
  const counts = new Map<string, number>();
  for (const tag of entries.flatMap((entry) => entry.tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  const often = [...counts].sort((a, b) => b[1] - a[1]).map(([tag]) => tag);
  const first = FIRST_TAGS.map((tag) => t(`tag.${tag}`));
  return [...new Set([...often, ...first])].slice(0, 8);
}

function Week() {
  const stats = useQuery(statsQuery("week"));
  const days = new Map(stats.data?.calendar.map((day) => [day.date, day]));
  const today = new Date();
  const week = [6, 5, 4, 3, 2, 1, 0].map((back) => addDays(today, -back));
  return (
    <Card title={t("today.week")}>
      <ol className="grid grid-cols-7 gap-1 text-center">
        {week.map((day) => {
          const found = days.get(dayOf(day));
          const level = typeof found?.mean === "number" ? levelOf(found.mean) : undefined;
          return (
            <li key={dayOf(day)}>
              <span aria-hidden="true" className="mb-1.5 block text-soft text-sm">
                {weekdayLetter(day)}
              </span>
              {level ? (
                <Face level={level} className="mx-auto size-8" />
              ) : (
                <span className="mx-auto block size-8 rounded-full border-2 border-line border-dashed" />
              )}
              <span className="sr-only">
                {weekdayName(day)}: {level ? t(`level.${level}`) : t("today.noMood")}
              </span>
            </li>
          );
        })}
      </ol>
      <p className="mt-4 text-soft text-sm">{t("today.weekHint")}</p>
    </Card>
  );
}
