import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/emergency";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { CARDS, cardsQuery } from "./api";
import { CardForm } from "./CardForm";
import { CardPaper } from "./CardPaper";

type View = Schemas["CardView"];

// The cards that are good, and a new one, whose code is shown once.
export function Cards() {
  const queries = useQueryClient();
  const list = useQuery(cardsQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Schemas["MadeCardView"]>();
  const [asking, setAsking] = useState<View>();
  const revoke = useMutation({
    mutationFn: (id: string) =>
      data(api.DELETE("/api/emergency/cards/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      setAsking(undefined);
      return queries.invalidateQueries({ queryKey: CARDS });
    },
  });
  return (
    <>
      <p className="max-w-prose text-soft">{t("card.text")}</p>
      <p className="mt-2 mb-4 max-w-prose text-soft">{t("card.honest")}</p>
      <Problem error={list.error} className="mb-3" />
      {list.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {list.data?.items.length === 0 && <p className="mb-4">{t("card.none")}</p>}
      <ul className="mb-4 divide-y divide-line empty:hidden">
        {list.data?.items.map((card) => (
          <li key={card.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
            <span className="min-w-0 flex-1 basis-56">
              <span className="block font-semibold">
                {t("card.until", { day: mediumDay(new Date(card.expires_at)) })}
              </span>
              <span className="block text-soft text-sm">
                {[
                  ...card.classes.map((one) => t(`class.${one}`)),
                  t("card.used", { uses: card.uses, most: card.max_uses }),
                ].join(" · ")}
              </span>
            </span>
            <Button className="min-h-9 px-4 py-1 text-sm" onClick={() => setAsking(card)}>
              {t("card.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      {making ? (
        <CardForm
          onMade={(card) => {
            setMaking(false);
            setMade(card);
            void queries.invalidateQueries({ queryKey: CARDS });
          }}
          onClose={() => setMaking(false)}
        />
      ) : (
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
          {t("card.make")}
        </Button>
      )}
      <CardPaper card={made} onClose={() => setMade(undefined)} />
      <Ask
        open={Boolean(asking)}
        title={t("card.revokeTitle")}
        yes={t("card.revoke")}
        danger
        busy={revoke.isPending}
        onYes={() => asking && revoke.mutate(asking.id)}
        onClose={() => setAsking(undefined)}
      >
        {t("card.revokeText")}
        <Problem error={revoke.error} className="mt-3" />
      </Ask>
    </>
  );
}
