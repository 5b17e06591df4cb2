import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button, buttonClass } from "../../../components/ui/Button";
import { Icon } from "../../../components/ui/Icon";
import { t } from "../../../i18n/team";
import { ago } from "../../../lib/dates";
import { useUser } from "../../identity/session";
import {
  caseKey,
  claim,
  QUEUE,
  queueQuery,
  STATES,
  type State,
  shortName,
  type Waiting,
} from "./api";
import { TeamProblem } from "./TeamProblem";

const EMPTY = {
  waiting: "queue.noneWaiting",
  claimed: "queue.noneClaimed",
  closed: "queue.noneClosed",
} as const;

// Who waits for a human, longest first. It says nothing of what they wrote until somebody takes it.
export function Queue() {
  const { roles } = useUser();
  if (!roles.includes("crisis_responder")) return <Navigate to="/team/emergency" replace />;
  return <List />;
}

function List() {
  const [state, setState] = useState<State>("waiting");
  const list = useInfiniteQuery(queueQuery(state));
  const cases = list.data?.pages.flatMap((page) => page.cases) ?? [];
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <select
          aria-label={t("queue.show")}
          value={state}
          onChange={(event) => setState(event.target.value as State)}
          className="min-h-11 rounded-full border border-edge bg-surface px-4"
        >
          {STATES.map((one) => (
            <option key={one} value={one}>
              {t(`queue.${one}`)}
            </option>
          ))}
        </select>
        <Button icon="again" busy={list.isFetching} onClick={() => void list.refetch()}>
          {t("queue.refresh")}
        </Button>
      </div>
      <TeamProblem error={list.error} />
      {list.isPending && <p className="py-6 text-soft">{t("journal.loading")}</p>}
      {list.isSuccess && cases.length === 0 && <Empty state={state} />}
      {cases.length > 0 && (
        <ul className="divide-y divide-line rounded-card border border-line bg-surface px-4 sm:px-5">
          {cases.map((one) => (
            <li key={one.id}>
              <Row item={one} />
            </li>
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("action.more")}
        </Button>
      )}
      {list.isSuccess && <p className="text-soft text-sm">{t("queue.everyMinute")}</p>}
    </>
  );
}

function Empty({ state }: { state: State }) {
  return (
    <div className="rounded-card border border-line border-dashed px-6 py-12 text-center">
      <Icon name="leaf" className="mx-auto mb-3 size-9 text-soft" />
      <p className="font-serif text-xl">{t(EMPTY[state])}</p>
      {state === "waiting" && <p className="mt-1 text-soft">{t("queue.noneWaitingHint")}</p>}
    </div>
  );
}

function Row({ item }: { item: Waiting }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const take = useMutation({
    mutationFn: () => claim(item.id),
    onSuccess: (opened) => {
      queries.setQueryData(caseKey(item.id), opened);
      void navigate({ to: "/team/$id", params: { id: item.id } });
    },
    // Taken by somebody else or by us, the list is another one now.
    onSettled: () => queries.invalidateQueries({ queryKey: QUEUE }),
  });
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 py-4">
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-semibold">{t("queue.person", { name: shortName(item.pseudonym) })}</p>
        <p className="text-soft text-sm">
          {t("queue.since", { when: ago(new Date(item.created_at)) })}
          {item.state !== "waiting" &&
            ` · ${t("queue.changed", { when: ago(new Date(item.updated_at)) })}`}
          {item.state === "claimed" && ` · ${t(item.own ? "queue.mine" : "queue.other")}`}
        </p>
      </div>
      {item.state === "waiting" && (
        <Button kind="primary" busy={take.isPending} onClick={() => take.mutate()}>
          {t("queue.take")}
        </Button>
      )}
      {item.own && (
        <Link to="/team/$id" params={{ id: item.id }} className={buttonClass("plain")}>
          {t("queue.open")}
        </Link>
      )}
      {take.error && (
        <div className="basis-full">
          <TeamProblem error={take.error} />
        </div>
      )}
    </div>
  );
}
