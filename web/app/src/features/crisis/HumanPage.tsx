import { data } from "@salus/api-client";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button, buttonClass } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { TextArea } from "../../components/ui/Field";
import { Icon } from "../../components/ui/Icon";
import { Notice, Problem } from "../../components/ui/Notice";
import { currentLocale } from "../../i18n";
import { t } from "../../i18n/human";
import { api } from "../../lib/api";
import { ago } from "../../lib/dates";
import { DraftCare } from "./DraftCare";
import { currentCountry } from "./resources";
import { SafetyCard } from "./SafetyCard";

const MINE = ["crisis", "mine"];

// A wish for a human. Only what is written here is passed on, and it is said who may read it.
export function HumanPage() {
  const list = useInfiniteQuery({
    queryKey: MINE,
    queryFn: ({ pageParam }) =>
      data(
        api.GET("/api/crisis/escalations", {
          params: { query: { limit: 10, ...(pageParam && { cursor: pageParam }) } },
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
  });
  const cases = list.data?.pages.flatMap((page) => page.cases) ?? [];
  const open = cases.some(({ state }) => state !== "closed");
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <h1 className="text-3xl sm:text-4xl">{t("human.title")}</h1>
        <p className="mt-2 max-w-prose text-lg">{t("human.lead")}</p>
      </div>
      <Notice kind="care">
        <p>{t("human.limits")}</p>
        <Link to="/help-now" className={buttonClass("care", "mt-3")}>
          <Icon name="phone" />
          {t("human.help")}
        </Link>
      </Notice>
      <Card>
        <Wish again={open} />
      </Card>
      <Card title={t("human.mine")}>
        <Problem error={list.error} />
        {list.isPending && <p className="text-soft">{t("journal.loading")}</p>}
        {list.isSuccess && cases.length === 0 && <p className="text-soft">{t("human.none")}</p>}
        <ul className="divide-y divide-line">
          {cases.map((one) => (
            <li key={one.id} className="py-3">
              <p className="font-semibold">{t(`human.${one.state}`)}</p>
              <p className="text-soft text-sm">
                {t("human.asked", { when: ago(new Date(one.created_at)) })} ·{" "}
                {t("human.changed", { when: ago(new Date(one.updated_at)) })}
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
      </Card>
      <p>
        <Link to="/" className={buttonClass("plain")}>
          {t("human.back")}
        </Link>
      </p>
    </div>
  );
}

function Wish({ again }: { again: boolean }) {
  const queries = useQueryClient();
  const [message, setMessage] = useState("");
  const ask = useMutation({
    mutationFn: () => {
      const country = currentCountry();
      const body = { message: message.trim(), language: currentLocale() };
      return data(
        api.POST("/api/crisis/escalate", { body: { ...body, ...(country && { country }) } }),
      );
    },
    onSuccess: () => {
      setMessage("");
      return queries.invalidateQueries({ queryKey: MINE });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    ask.mutate();
  };
  const safety = ask.data?.safety;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <TextArea
        label={t("human.message")}
        rows={5}
        maxLength={4000}
        value={message}
        onChange={(event) => setMessage(event.target.value)}
      />
      <DraftCare text={message} />
      <Problem error={ask.error} />
      <div role="status">
        {ask.data && (
          <Notice>
            {t("human.sent")} {t(`human.${ask.data.state}`)}
          </Notice>
        )}
      </div>
      {safety && <SafetyCard alert={safety.alert} />}
      <div>
        <Button type="submit" kind="primary" busy={ask.isPending}>
          {t(again ? "human.add" : "human.send")}
        </Button>
      </div>
    </form>
  );
}
