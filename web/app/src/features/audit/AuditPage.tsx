import { data, type Schemas } from "@salus/api-client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { clock, mediumDay } from "../../lib/dates";
import { ExportLedger } from "./ExportLedger";
import { Prove } from "./Prove";
import { TrustedKey } from "./TrustedKey";

type Entry = Schemas["LedgerEntry"];
type Outcome = Entry["outcome"] & ("success" | "denied" | "failed");

const AREAS = [
  "identity",
  "consent",
  "journal",
  "companion",
  "providers",
  "crisis",
  "emergency",
  "audit",
] as const;
const OUTCOMES: readonly Outcome[] = ["success", "denied", "failed"];
const FIELD = "min-h-11 rounded-full border border-edge bg-surface px-4";

export function AuditPage() {
  const [area, setArea] = useState("");
  const [outcome, setOutcome] = useState("");
  const list = useInfiniteQuery({
    queryKey: ["audit", area, outcome],
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/admin/audit", {
          params: {
            query: {
              limit: 30,
              ...(area && { area: `${area}.` }),
              ...(outcome && { outcome: outcome as Outcome }),
              ...(pageParam && { cursor: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const entries = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <p className="max-w-prose text-soft">{t("audit.text")}</p>
      <div className="flex flex-wrap gap-2">
        <select
          aria-label={t("audit.area")}
          value={area}
          onChange={(event) => setArea(event.target.value)}
          className={FIELD}
        >
          <option value="">{t("audit.anyArea")}</option>
          {AREAS.map((one) => (
            <option key={one} value={one}>
              {t(`audit.area.${one}`)}
            </option>
          ))}
        </select>
        <select
          aria-label={t("audit.outcome")}
          value={outcome}
          onChange={(event) => setOutcome(event.target.value)}
          className={FIELD}
        >
          <option value="">{t("audit.anyOutcome")}</option>
          {OUTCOMES.map((one) => (
            <option key={one} value={one}>
              {t(`audit.${one}`)}
            </option>
          ))}
        </select>
      </div>
      <ExportLedger area={area} outcome={outcome} />
      <TrustedKey />
      <Problem error={list.error} />
      <ul className="divide-y divide-line rounded-card border border-line bg-surface px-4">
        {entries.map((entry) => (
          <li key={entry.event}>
            <Row entry={entry} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("action.more")}
        </Button>
      )}
    </>
  );
}

function Row({ entry }: { entry: Entry }) {
  const [open, setOpen] = useState(false);
  const at = new Date(entry.at);
  return (
    <details open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="flex cursor-pointer flex-wrap items-baseline gap-x-4 gap-y-1 py-3">
        <span className={`font-semibold ${entry.outcome === "success" ? "" : "text-care"}`}>
          {entry.action}
        </span>
        {entry.break_glass && (
          <span className="rounded-full bg-care-soft px-2.5 text-care text-sm">
            {t("audit.emergency")}
          </span>
        )}
        <span className="flex w-full items-center justify-between gap-2 text-soft text-sm tabular-nums sm:ml-auto sm:w-auto">
          {mediumDay(at)}, {clock(at)}
          <Icon name="chevron" className={`size-4 ${open ? "rotate-90" : ""}`} />
        </span>
      </summary>
      {open && (
        <div className="pb-4">
          <dl className="mb-4 grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1 text-sm">
            {facts(entry).map(([name, value]) => (
              <div key={name} className="contents">
                <dt className="text-soft">{name}</dt>
                <dd className="break-all">{value}</dd>
              </div>
            ))}
          </dl>
          <Prove event={entry.event} />
        </div>
      )}
    </details>
  );
}

function facts(entry: Entry): [string, string][] {
  const { actor } = entry;
  const who = [actor.kind, actor.reference, actor.job, actor.roles?.join(", ")];
  const found: [string, string | null | undefined][] = [
    [t("audit.seq"), String(entry.seq)],
    [t("audit.by"), who.filter(Boolean).join(" · ")],
    [t("audit.about"), entry.subject],
    [t("audit.thing"), [entry.resource_type, entry.resource].filter(Boolean).join(" · ")],
    [t("audit.purpose"), entry.purpose],
    [t("audit.outcome"), [entry.outcome, entry.reason].filter(Boolean).join(" · ")],
    [t("audit.request"), entry.request_id],
  ];
  return found.filter((pair): pair is [string, string] => Boolean(pair[1]));
}
