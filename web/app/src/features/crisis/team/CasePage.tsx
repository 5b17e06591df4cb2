import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { buttonClass } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Icon } from "../../../components/ui/Icon";
import { t } from "../../../i18n/team";
import { ago, clock, mediumDay } from "../../../lib/dates";
import { type Case, caseQuery, shortName } from "./api";
import { CaseNotes } from "./CaseNotes";
import { TeamProblem } from "./TeamProblem";

// One case, for the responder who has it.
export function CasePage() {
  const { id = "" } = useParams({ strict: false });
  const found = useQuery(caseQuery(id));
  return (
    <>
      <p>
        <Link
          to="/team"
          className="inline-flex min-h-11 items-center gap-1 font-semibold text-brand"
        >
          <Icon name="back" />
          {t("case.back")}
        </Link>
      </p>
      <TeamProblem error={found.error} />
      {found.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {found.data && <Opened found={found.data} />}
    </>
  );
}

function Opened({ found }: { found: Case }) {
  const when = ago(new Date(found.updated_at));
  return (
    <>
      <div>
        <h2 className="text-2xl">{t("case.title", { name: shortName(found.person_id) })}</h2>
        <p className="mt-1 text-soft">
          {t("queue.since", { when: ago(new Date(found.created_at)) })}.{" "}
          {t(found.state === "closed" ? "case.closed" : "case.claimed", { when })}
        </p>
      </div>
      <Card title={t("case.written")}>
        <Written found={found} />
        {typeof found.level === "number" && (
          <p className="mt-4 text-soft text-sm">
            {t("case.level", { level: found.level })} {t("case.levelHint")}
          </p>
        )}
        {found.rules.length > 0 && (
          <details className="mt-2 text-sm">
            <summary className="cursor-pointer font-semibold text-brand">{t("case.rules")}</summary>
            <p className="mt-1 break-words font-mono text-soft">{found.rules.join(", ")}</p>
          </details>
        )}
      </Card>
      {found.state === "claimed" && <CaseNotes id={found.id} />}
      <Card title={t("case.knows")}>
        <p className="max-w-prose text-soft">{t("case.knowsText")}</p>
        <h3 className="mt-5 mb-1 text-lg">{t("case.reach")}</h3>
        <p className="max-w-prose text-soft">{t("case.reachText")}</p>
        <p className="mt-3 break-all rounded-field bg-sunken px-4 py-2.5 font-mono text-sm">
          {found.person_id}
        </p>
        <Link
          to="/team/emergency"
          search={{ person: found.person_id }}
          className={buttonClass("plain", "mt-4")}
        >
          {t("case.override")}
        </Link>
      </Card>
    </>
  );
}

function Written({ found }: { found: Case }) {
  if (found.notes.length === 0) return <p className="text-soft">{t("case.nothing")}</p>;
  return (
    <ol className="grid gap-4">
      {found.notes.map((one, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: notes are only ever added at the end
        <li key={index} className={one.by_person ? "" : "border-line border-l-2 pl-4"}>
          <p className="text-soft text-sm">
            {t(one.by_person ? "case.byPerson" : "case.byTeam")} · {mediumDay(new Date(one.at))},{" "}
            {clock(new Date(one.at))}
          </p>
          <p className="whitespace-pre-wrap break-words">{one.text}</p>
        </li>
      ))}
    </ol>
  );
}
