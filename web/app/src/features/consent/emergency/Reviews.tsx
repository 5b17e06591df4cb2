import { data, type Schemas } from "@salus/api-client";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { api } from "../../../lib/api";
import { ago, clock, mediumDay } from "../../../lib/dates";
import { useUser } from "../../identity/session";
import { REVIEWS, reviewsQuery } from "./api";

type Review = Schemas["ReviewView"];

// Every override gets a second look. Nobody looks at their own; the server sees to that.
export function Reviews() {
  const queries = useQueryClient();
  const list = useInfiniteQuery(reviewsQuery);
  const [answer, setAnswer] = useState<{ id: string; justified: boolean }>();
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const record = useMutation({
    mutationFn: ({ id, justified }: { id: string; justified: boolean }) =>
      data(
        api.POST("/api/emergency/reviews/{id}", { params: { path: { id } }, body: { justified } }),
      ),
    onSuccess: () => {
      setAnswer(undefined);
      return queries.invalidateQueries({ queryKey: REVIEWS });
    },
  });
  const close = () => {
    setAnswer(undefined);
    record.reset();
  };
  return (
    <Card title={t("reviews.title")}>
      <p className="mb-4 max-w-prose text-soft">{t("reviews.text")}</p>
      <Problem error={list.error} />
      {list.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {list.isSuccess && items.length === 0 && <p>{t("reviews.none")}</p>}
      <ul className="divide-y divide-line">
        {items.map((one) => (
          <li key={one.id} className="py-4">
            <One review={one} onAnswer={(justified) => setAnswer({ id: one.id, justified })} />
          </li>
        ))}
      </ul>
      {list.hasNextPage && (
        <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t("action.more")}
        </Button>
      )}
      <Ask
        open={Boolean(answer)}
        title={t("reviews.askTitle")}
        yes={t("reviews.record")}
        busy={record.isPending}
        onYes={() => answer && record.mutate(answer)}
        onClose={close}
      >
        {t("reviews.askText", { answer: t(answer?.justified ? "reviews.yes" : "reviews.no") })}
        <Problem error={record.error} className="mt-3" />
      </Ask>
    </Card>
  );
}

function One({ review, onAnswer }: { review: Review; onAnswer: (justified: boolean) => void }) {
  const made = new Date(review.created_at);
  const due = new Date(review.due_at);
  return (
    <>
      <h3 className="font-sans font-semibold">{t(`reason.${review.reason_code}`)}</h3>
      <dl className="my-2 grid grid-cols-[auto_minmax(0,1fr)] gap-x-5 gap-y-1 text-sm">
        <dt className="text-soft">{t("reviews.responder")}</dt>
        <dd className="break-all">
          <Name id={review.responder_id} />
        </dd>
        <dt className="text-soft">{t("reviews.patient")}</dt>
        <dd className="break-all">
          <Name id={review.patient_id} />
        </dd>
        <dt className="text-soft">{t("reviews.made")}</dt>
        <dd>
          {mediumDay(made)}, {clock(made)}
        </dd>
        <dt className="text-soft">{t("reviews.used")}</dt>
        <dd>{t("reviews.times", { count: review.uses })}</dd>
        <dt className="text-soft">{t("reviews.due")}</dt>
        <dd>
          {ago(due)}
          {due < new Date() && (
            <span className="ml-2 rounded-full bg-care-soft px-2.5 text-care">
              {t("reviews.overdue")}
            </span>
          )}
        </dd>
      </dl>
      <div className="flex flex-wrap gap-2">
        <Button onClick={() => onAnswer(true)}>{t("reviews.yes")}</Button>
        <Button kind="danger" onClick={() => onAnswer(false)}>
          {t("reviews.no")}
        </Button>
      </div>
    </>
  );
}

// Administrators may see whose account it is; auditors see the number.
function Name({ id }: { id: string }) {
  const { roles } = useUser();
  const person = useQuery({
    queryKey: ["identity", "person", id],
    queryFn: () => data(api.GET("/api/admin/users/{id}", { params: { path: { id } } })),
    enabled: roles.includes("admin"),
    staleTime: 300_000,
  });
  const known = person.data;
  return known ? `${known.display_name ?? known.username ?? known.email ?? ""} (${id})` : id;
}
