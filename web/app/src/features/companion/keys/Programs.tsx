import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Ask, Sheet } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Icon } from "../../../components/ui/Icon";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/programs";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { CodeBlock } from "../CodeBlock";
import { KeyForm } from "./KeyForm";
import { anthropic, openai } from "./snippets";

type Key = Schemas["ApiKey"];
const KEYS = ["companion", "keys"];

// Programs that ask models in the person's name, and what each of them may.
export function Programs() {
  return (
    <>
      <Card title={t("keys.title")}>
        <Keys />
      </Card>
      <Card title={t("keys.how")}>
        <p className="mb-4 max-w-prose text-soft">{t("keys.howText")}</p>
        <h3 className="text-lg">{t("keys.openai")}</h3>
        <CodeBlock language="Python" code={openai(location.origin, t("keys.place"))} />
        <h3 className="text-lg">{t("keys.anthropic")}</h3>
        <CodeBlock language="Python" code={anthropic(location.origin, t("keys.place"))} />
      </Card>
    </>
  );
}

function Keys() {
  const queries = useQueryClient();
  const list = useQuery({ queryKey: KEYS, queryFn: () => data(api.GET("/api/ai/keys")) });
  const [making, setMaking] = useState(false);
  const [secret, setSecret] = useState("");
  const [asking, setAsking] = useState<Key>();
  const again = () => queries.invalidateQueries({ queryKey: KEYS });
  const revoke = useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/ai/keys/{id}", { params: { path: { id } } })),
    onSuccess: () => {
      setAsking(undefined);
      return again();
    },
  });
  const keys = list.data?.keys ?? [];
  return (
    <>
      <p className="mb-4 max-w-prose text-soft">{t("keys.text")}</p>
      <Problem error={list.error} className="mb-3" />
      {list.isPending && <p className="text-soft">{t("journal.loading")}</p>}
      {list.isSuccess && keys.length === 0 && !making && <p className="mb-4">{t("keys.none")}</p>}
      <ul className="mb-4 divide-y divide-line empty:hidden">
        {keys.map((key) => (
          <li key={key.id} className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3">
            <Icon name="key" className="size-6 text-soft" />
            <span className="min-w-0 flex-1 basis-56">
              <span className="block break-words font-semibold">{key.name}</span>
              <span className="block text-soft text-sm">{about(key)}</span>
            </span>
            <Button className="min-h-9 px-4 py-1 text-sm" onClick={() => setAsking(key)}>
              {t("keys.revoke")}
            </Button>
          </li>
        ))}
      </ul>
      {making ? (
        <KeyForm
          onMade={(made) => {
            setMaking(false);
            setSecret(made.secret);
            void again();
          }}
          onClose={() => setMaking(false)}
        />
      ) : (
        <Button kind="primary" icon="plus" onClick={() => setMaking(true)}>
          {t("keys.make")}
        </Button>
      )}
      <Secret secret={secret} onClose={() => setSecret("")} />
      <Ask
        open={Boolean(asking)}
        title={t("keys.revokeTitle")}
        yes={t("keys.revoke")}
        danger
        busy={revoke.isPending}
        onYes={() => asking && revoke.mutate(asking.id)}
        onClose={() => setAsking(undefined)}
      >
        {t("keys.revokeText", { name: asking?.name ?? "" })}
        <Problem error={revoke.error} className="mt-3" />
      </Ask>
    </>
  );
}

function Secret({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <Sheet open={Boolean(secret)} title={t("keys.title")} onClose={onClose}>
      <p className="mb-3">{t("keys.once")}</p>
      <p className="break-all rounded-field bg-sunken p-4 font-mono text-sm">{secret}</p>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button icon="copy" onClick={() => void navigator.clipboard?.writeText(secret)}>
          {t("action.copy")}
        </Button>
        <Button kind="primary" onClick={onClose}>
          {t("keys.done")}
        </Button>
      </div>
    </Sheet>
  );
}

function about(key: Key): string {
  const day = (at: string) => mediumDay(new Date(at));
  const { messages_per_day: messages, tokens_per_day: tokens } = key;
  return [
    ...key.scopes.map((scope) => t(`keys.scope.${scope}`)),
    t("keys.made", { day: day(key.created_at) }),
    key.used_at ? t("keys.used", { day: day(key.used_at) }) : t("keys.unused"),
    key.expires_at && t("keys.until", { day: day(key.expires_at) }),
    typeof messages === "number" && t("keys.perDay", { count: messages }),
    typeof tokens === "number" && t("keys.tokensPerDay", { count: tokens }),
  ]
    .filter(Boolean)
    .join(" · ");
}
