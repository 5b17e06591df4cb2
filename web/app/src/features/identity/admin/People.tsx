import { data, type Schemas } from "@salus/api-client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useDeferredValue, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Icon } from "../../../components/ui/Icon";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { PersonSheet } from "./PersonSheet";
import { nameOf, roleName, STATES, type State, stateOf } from "./words";

export type Person = Schemas["AdminUser"];
export const PEOPLE = ["identity", "people"];
const FIELD = "min-h-11 rounded-full border border-edge bg-surface px-4";

export function People() {
  const [login, setLogin] = useState("");
  const [status, setStatus] = useState<State | "">("");
  const [chosen, setChosen] = useState<Person>();
  const asked = useDeferredValue(login.trim());
  const list = useInfiniteQuery({
    queryKey: [...PEOPLE, asked, status],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/admin/users", {
          params: {
            query: {
              limit: 25,
              ...(asked && { login: asked }),
              ...(status && { status }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const people = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <search className="flex flex-wrap gap-2">
        <input
          type="search"
          aria-label={t("people.find")}
          placeholder={t("people.find")}
          value={login}
          maxLength={254}
          onChange={(event) => setLogin(event.target.value)}
          className={`${FIELD} min-w-56 flex-1 placeholder:text-soft`}
        />
        <select
          aria-label={t("people.state")}
          value={status}
          onChange={(event) => setStatus(event.target.value as State | "")}
          className={FIELD}
        >
          <option value="">{t("people.anyState")}</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {t(`people.${state}`)}
            </option>
          ))}
        </select>
      </search>
      <Problem error={list.error} />
      {list.isSuccess && people.length === 0 && <p className="text-soft">{t("people.none")}</p>}
      <ul className="divide-y divide-line rounded-card border border-line bg-surface p-1.5">
        {people.map((person) => (
          <li key={person.id}>
            <PersonRow person={person} onOpen={() => setChosen(person)} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("action.more")}
        </Button>
      )}
      {chosen && <PersonSheet person={chosen} onClose={() => setChosen(undefined)} />}
    </>
  );
}

function PersonRow({ person, onOpen }: { person: Person; onOpen: () => void }) {
  const state = stateOf(person.status);
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex w-full cursor-pointer flex-wrap items-center gap-x-4 gap-y-2 rounded-field px-3 py-3 text-left transition-colors hover:bg-sunken"
    >
      <span className="grid size-10 shrink-0 place-items-center rounded-full bg-brand-soft text-brand">
        <Icon name="you" />
      </span>
      <span className="min-w-40 flex-1">
        <span className="block truncate font-semibold">{nameOf(person)}</span>
        <span className="block truncate text-soft text-sm">
          {[person.username ?? person.email, mediumDay(new Date(person.created_at))]
            .filter(Boolean)
            .join(" · ")}
        </span>
      </span>
      <span className="flex flex-wrap gap-1.5 text-sm sm:justify-end">
        {person.roles
          .filter((role) => role !== "user")
          .map((role) => (
            <span key={role} className="rounded-full bg-brand-soft px-2.5 py-0.5">
              {roleName(role)}
            </span>
          ))}
        {person.roles_waiting.length > 0 ? (
          <span className="rounded-full bg-warn-soft px-2.5 py-0.5">{t("people.waits")}</span>
        ) : (
          person.second_factor && (
            <span className="rounded-full bg-sunken px-2.5 py-0.5">{t("people.factor")}</span>
          )
        )}
        {state !== "active" && (
          <span className="rounded-full bg-care-soft px-2.5 py-0.5 text-care">
            {t(`people.${state}`)}
          </span>
        )}
      </span>
    </button>
  );
}
