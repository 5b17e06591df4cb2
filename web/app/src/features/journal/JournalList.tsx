import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { Button, buttonClass } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n";
import { dayOf, longDay, parseDay } from "../../lib/dates";
import { checkInsQuery, type Entry, entriesQuery, type Filters } from "./api";
import { DraftList } from "./DraftList";
import { MomentRow } from "./MomentRow";
import { idOf, type Moment, moments } from "./moments";
import { MOODS, type Mood } from "./moods";

export function JournalList() {
  const [filters, setFilters] = useState<Filters>({});
  const asked = useDeferredValue(filters);
  const list = useInfiniteQuery(entriesQuery(asked));
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  const filtered = Boolean(asked.q || asked.mood || asked.tag || asked.favourite);
  // As far back as the entries go that are shown; what is looked for is looked for in entries.
  const from = list.hasNextPage ? entries.at(-1)?.occurred_at : undefined;
  const checkIns = useQuery({ ...checkInsQuery(from, 400), enabled: list.isSuccess && !filtered });
  const shown = moments(entries, filtered ? [] : (checkIns.data ?? []));
  return (
    <div className="rise mx-auto max-w-3xl">
      <div className="mb-5 flex items-center justify-between gap-3">
        <h1 className="text-3xl sm:text-4xl">{t("journal.title")}</h1>
        <Link to="/journal/$id" params={{ id: "new" }} className={buttonClass("primary")}>
          <Icon name="plus" />
          {t("journal.write")}
        </Link>
      </div>
      <FilterBar value={filters} onChange={setFilters} tags={tagsOf(entries)} />
      <DraftList />
      <Problem error={list.error} />
      {list.isPending && <p className="py-8 text-soft">{t("journal.loading")}</p>}
      {list.isSuccess && shown.length === 0 && !checkIns.isFetching && (
        <Empty filtered={filtered} />
      )}
      {byDay(shown).map(([day, found]) => (
        <section key={day} aria-label={longDay(parseDay(day))} className="mb-6">
          <h2 className="mb-1 px-3 font-sans font-semibold text-soft text-sm">
            {longDay(parseDay(day))}
          </h2>
          <ul className="divide-y divide-line rounded-card border border-line bg-surface p-1.5">
            {found.map((moment) => (
              <li key={idOf(moment)}>
                <MomentRow moment={moment} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      {list.hasNextPage && (
        <Button
          className="w-full"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("journal.older")}
        </Button>
      )}
    </div>
  );
}

interface FilterProps {
  value: Filters;
  tags: readonly string[];
  onChange: (filters: Filters) => void;
}

const FIELD = "min-h-11 rounded-full border border-edge bg-surface px-4";

function FilterBar({ value, tags, onChange }: FilterProps) {
  const set = (part: Partial<Filters>) => onChange({ ...value, ...part });
  return (
    <search className="mb-5 flex flex-wrap gap-2">
      <div className="relative min-w-48 flex-1">
        <Icon
          name="search"
          className="pointer-events-none absolute top-3 left-4 size-5 text-soft"
        />
        <input
          type="search"
          name="q"
          aria-label={t("journal.search")}
          placeholder={t("journal.search")}
          value={value.q ?? ""}
          maxLength={200}
          onChange={(event) =>
            set({ q: event.target.value.trim() ? event.target.value : undefined })
          }
          className={`${FIELD} w-full pl-11 placeholder:text-soft`}
        />
      </div>
      <select
        aria-label={t("journal.byMood")}
        value={value.mood ?? ""}
        onChange={(event) => set({ mood: (event.target.value || undefined) as Mood | undefined })}
        className={FIELD}
      >
        <option value="">{t("journal.anyMood")}</option>
        {MOODS.map((mood) => (
          <option key={mood} value={mood}>
            {t(`mood.${mood}`)}
          </option>
        ))}
      </select>
      <select
        aria-label={t("journal.byTag")}
        value={value.tag ?? ""}
        onChange={(event) => set({ tag: event.target.value || undefined })}
        className={`${FIELD} max-w-40`}
      >
        <option value="">{t("journal.anyTag")}</option>
        {[...new Set([...(value.tag ? [value.tag] : []), ...tags])].map((tag) => (
          <option key={tag}>{tag}</option>
        ))}
      </select>
      <button
        type="button"
        aria-pressed={value.favourite ?? false}
        onClick={() => set({ favourite: value.favourite ? undefined : true })}
        className={`${FIELD} inline-flex cursor-pointer items-center gap-2 aria-pressed:border-brand aria-pressed:bg-brand aria-pressed:text-on-brand`}
      >
        <Icon name="star" className="size-4" />
        {t("journal.favourites")}
      </button>
    </search>
  );
}

function Empty({ filtered }: { filtered: boolean }) {
  return (
    <div className="rounded-card border border-line border-dashed px-6 py-12 text-center">
      <Icon name={filtered ? "search" : "leaf"} className="mx-auto mb-3 size-9 text-soft" />
      <p className="font-serif text-xl">{t(filtered ? "journal.noneFound" : "journal.empty")}</p>
      <p className="mt-1 text-soft">
        {t(filtered ? "journal.noneFoundHint" : "journal.emptyHint")}
      </p>
    </div>
  );
}

function tagsOf(entries: readonly Entry[]): string[] {
  return [...new Set(entries.flatMap((entry) => entry.tags))].sort((a, b) => a.localeCompare(b));
}

function byDay(found: readonly Moment[]): [string, Moment[]][] {
  const days = new Map<string, Moment[]>();
  for (const moment of found) {
    const day = dayOf(new Date(moment.at));
    days.set(day, [...(days.get(day) ?? []), moment]);
  }
  return [...days];
}
