import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { clock, mediumDay } from "../../../lib/dates";
import { accessesQuery } from "./api";
import { Cards } from "./Cards";
import { SheetCard } from "./SheetCard";

// For the day the person cannot speak: what they prepared, and who used the door without asking.
export function EmergencyPages() {
  return (
    <>
      <Card title={t("tell.title")}>
        <SheetCard />
      </Card>
      <Card title={t("card.title")}>
        <Cards />
      </Card>
      <Card title={t("access.title")}>
        <Accesses />
      </Card>
    </>
  );
}

function Accesses() {
  const list = useInfiniteQuery(accessesQuery);
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <p className="mb-4 max-w-prose text-soft">{t("access.text")}</p>
      <Problem error={list.error} />
      {list.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {list.isSuccess && items.length === 0 && <p>{t("access.none")}</p>}
      <ul className="divide-y divide-line">
        {items.map((one) => (
          <li key={one.id} className="py-3">
            <p className="font-semibold">{t(`reason.${one.reason_code}`)}</p>
            <p className="whitespace-pre-wrap break-words">{one.reason}</p>
            <p className="mt-1 text-soft text-sm">
              {mediumDay(new Date(one.created_at))}, {clock(new Date(one.created_at))} ·{" "}
              {t("access.by", { who: one.responder_id.slice(0, 8) })} ·{" "}
              {one.uses > 0 ? t("access.opened", { count: one.uses }) : t("access.never")} ·{" "}
              {one.reviewed_at
                ? t("access.reviewed", { day: mediumDay(new Date(one.reviewed_at)) })
                : t("access.notReviewed")}
            </p>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          kind="quiet"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("action.more")}
        </Button>
      )}
    </>
  );
}
