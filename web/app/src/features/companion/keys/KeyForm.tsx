import { data, type Schemas } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Field, Select } from "../../../components/ui/Field";
import { Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/programs";
import { api } from "../../../lib/api";
import { endOf, limitOf } from "./snippets";

type Scope = Schemas["KeyScope"];
const SCOPES: readonly Scope[] = ["models", "chat", "embeddings"];
const ENDS = [0, 30, 90, 365] as const;

interface Props {
  onMade: (made: Schemas["NewKeyView"]) => void;
  onClose: () => void;
}

export function KeyForm({ onMade, onClose }: Props) {
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly Scope[]>(SCOPES);
  const [days, setDays] = useState(90);
  const [messages, setMessages] = useState("");
  const [tokens, setTokens] = useState("");
  const make = useMutation({
    mutationFn: () => {
      const expires_at = endOf(days, new Date());
      const messages_per_day = limitOf(messages);
      const tokens_per_day = limitOf(tokens);
      return data(
        api.POST("/api/ai/keys", {
          body: {
            name: name.trim(),
            scopes: [...scopes],
            ...(expires_at && { expires_at }),
            ...(messages_per_day !== undefined && { messages_per_day }),
            ...(tokens_per_day !== undefined && { tokens_per_day }),
          },
        }),
      );
    },
    onSuccess: onMade,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const toggle = (one: Scope) =>
    setScopes(SCOPES.filter((other) => (other === one) !== scopes.includes(other)));
  return (
    <form onSubmit={submit} className="grid gap-4 rounded-field border border-line p-4">
      <Field
        label={t("keys.name")}
        value={name}
        maxLength={80}
        autoComplete="off"
        onChange={(event) => setName(event.target.value)}
        required
      />
      <fieldset className="grid gap-1">
        <legend className="mb-1 font-semibold">{t("keys.scopes")}</legend>
        {SCOPES.map((one) => (
          <label key={one} className="flex min-h-9 items-center gap-3">
            <input
              type="checkbox"
              checked={scopes.includes(one)}
              onChange={() => toggle(one)}
              className="size-5 accent-brand"
            />
            {t(`keys.scope.${one}`)}
          </label>
        ))}
      </fieldset>
      <div className="grid gap-4 sm:grid-cols-3">
        <Select
          label={t("keys.ends")}
          value={days}
          onChange={(event) => setDays(Number(event.target.value))}
        >
          {ENDS.map((one) => (
            <option key={one} value={one}>
              {t(`keys.ends.${one}`)}
            </option>
          ))}
        </Select>
        <Field
          label={t("keys.messages")}
          type="number"
          min={0}
          max={4_294_967_295}
          value={messages}
          onChange={(event) => setMessages(event.target.value)}
        />
        <Field
          label={t("keys.tokens")}
          type="number"
          min={0}
          max={Number.MAX_SAFE_INTEGER}
          value={tokens}
          onChange={(event) => setTokens(event.target.value)}
        />
      </div>
      <p className="text-soft text-sm">{t("keys.limitHint")}</p>
      <Problem error={make.error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" disabled={scopes.length === 0} busy={make.isPending}>
          {t("keys.create")}
        </Button>
        <Button onClick={onClose}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}
