import type { Schemas } from "@salus/api-client";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { clock, mediumDay } from "../../lib/dates";
import { activityQuery } from "./security";
import { activityWords } from "./words";

type Item = Schemas["Activity"];

export function Activity() {
  const list = useInfiniteQuery(activityQuery);
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <p className="mb-2 text-soft">{t("activity.text")}</p>
      <Problem error={list.error} />
      <ul className="divide-y divide-line">
        {items.map((item) => (
          <li
            key={item.id}
            className="flex flex-wrap items-baseline justify-between gap-x-4 py-2.5"
          >
            <span className={item.outcome === "success" ? "" : "font-semibold text-care"}>
              {activityWords(item.action)}
              {item.outcome !== "success" && ` (${t(`outcome.${failed(item)}`)})`}
              {item.by !== "you" && item.by !== "nobody_known" && (
                <span className="text-soft"> · {t(`by.${by(item.by)}`)}</span>
              )}
            </span>
            <span className="text-soft text-sm tabular-nums">
              {[item.device, item.ip].filter(Boolean).join(" · ")} {when(item.at)}
            </span>
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          kind="quiet"
          className="mt-2"
          busy={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {t("action.more")}
        </Button>
      )}
    </>
  );
}

function failed(item: Item): "denied" | "failed" {
  return item.outcome === "denied" ? "denied" : "failed";
}

const OTHERS = ["someone_else", "the_program", "an_operator"] as const;

function by(who: string): (typeof OTHERS)[number] {
  return OTHERS.find((one) => one === who) ?? "someone_else";
}

function when(at: string): string {
  const moment = new Date(at);
  return `${mediumDay(moment)}, ${clock(moment)}`;
}
