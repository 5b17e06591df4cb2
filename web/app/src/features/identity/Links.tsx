import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Card } from "../../components/ui/Card";
import { Icon } from "../../components/ui/Icon";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { mediumDay } from "../../lib/dates";
import { goAway, linksQuery, providersQuery } from "./providers";

type Linked = Schemas["LinkedAccountView"];

const HERE = "/account/security";

// Accounts elsewhere that open this one; nothing where nobody vouches for people and nobody did.
export function Links() {
  const providers = useQuery(providersQuery);
  const links = useQuery(linksQuery);
  if (!providers.data?.length && !links.data?.length) return null;
  return (
    <Card title={t("links.title")}>
      <p className="mb-4 text-soft">{t("links.text")}</p>
      <Problem error={links.error} className="mb-3" />
      <ul className="divide-y divide-line">
        {links.data?.map((link) => (
          <Row key={link.id} link={link} />
        ))}
      </ul>
      <Connect />
    </Card>
  );
}

function Connect() {
  const providers = useQuery(providersQuery);
  const go = useMutation({ mutationFn: (id: string) => goAway(id, "link", { next: HERE }) });
  return (
    <div className="mt-4 flex flex-wrap gap-2">
      <Problem error={go.error} className="w-full" />
      {providers.data?.map(({ id, name }) => (
        <Button key={id} busy={go.isPending} onClick={() => go.mutate(id)}>
          {t("links.connect", { name })}
        </Button>
      ))}
    </div>
  );
}

function Row({ link }: { link: Linked }) {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      data(api.DELETE("/api/auth/links/{id}", { params: { path: { id: link.id } }, body: {} })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["identity"] }),
  });
  const since = t("links.since", { day: mediumDay(new Date(link.created_at)) });
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <Icon name="you" className="size-6 text-soft" />
      <div className="min-w-0 flex-1">
        <div className="break-words font-semibold">{link.name}</div>
        <div className="break-words text-soft text-sm">
          {[link.known_as, since].filter(Boolean).join(" · ")}
        </div>
      </div>
      <Button
        className="min-h-9 px-4 py-1 text-sm"
        busy={remove.isPending}
        onClick={() => setAsking(true)}
        aria-label={`${t("links.remove")}: ${link.name}`}
      >
        {t("links.remove")}
      </Button>
      <Problem error={remove.error} className="w-full" />
      <Ask
        open={asking}
        title={t("links.removeTitle", { name: link.name })}
        yes={t("links.remove")}
        onYes={() => {
          setAsking(false);
          remove.mutate();
        }}
        onClose={() => setAsking(false)}
      >
        {t("links.removeText")}
      </Ask>
    </li>
  );
}
