import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field, PasswordField, Select } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { Toggle } from "../../components/ui/Toggle";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { KINDS, type Kind, PROVIDERS, type Setup, words } from "./providers";

interface Props {
  present?: Setup;
  onDone: () => void;
}

// A new provider, or one that is to be different. The key goes to the server and never comes back.
export function ProviderForm({ present, onDone }: Props) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [kind, setKind] = useState<Kind>(present?.kind ?? "openai_chat");
  const [url, setUrl] = useState(present?.url ?? "");
  const [local, setLocal] = useState(present?.local ?? false);
  const [key, setKey] = useState("");
  const [models, setModels] = useState(present?.named_models.join(" ") ?? "");
  const save = useMutation({
    mutationFn: () => {
      const common = { kind, url: url.trim(), local, models: words(models) };
      const body = { ...common, ...(key && { key }) };
      return present ? change(present.id, body) : add({ ...body, name: name.trim() });
    },
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: PROVIDERS }),
        queries.invalidateQueries({ queryKey: ["companion"] }),
      ]);
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      {!present && (
        <Field
          label={t("providers.name")}
          hint={t("providers.nameHint")}
          value={name}
          required
          maxLength={40}
          pattern="[a-z0-9._\-]+"
          autoCapitalize="none"
          spellCheck={false}
          onChange={(event) => setName(event.target.value)}
        />
      )}
      <Select
        label={t("providers.kind")}
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
      >
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {t(`providers.${one}`)}
          </option>
        ))}
      </Select>
      <Field
        label={t("providers.url")}
        type="url"
        value={url}
        required
        maxLength={500}
        placeholder="https://api.openai.com/v1"
        onChange={(event) => setUrl(event.target.value)}
      />
      <Toggle
        label={t("providers.local")}
        hint={t("providers.localHint")}
        checked={local}
        onChange={setLocal}
      />
      <PasswordField
        label={t("providers.key")}
        hint={t(present?.has_key ? "providers.keyStays" : "providers.keyHint")}
        value={key}
        autoComplete="new-password"
        onChange={(event) => setKey(event.target.value)}
      />
      <Field
        label={t("providers.models")}
        hint={t("providers.modelsHint")}
        value={models}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setModels(event.target.value)}
      />
      <Problem error={save.error} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" kind="primary" busy={save.isPending}>
          {t("action.save")}
        </Button>
        <Button onClick={onDone}>{t("action.cancel")}</Button>
      </div>
    </form>
  );
}

function add(body: Schemas["ProviderWrite"]): Promise<Setup> {
  return data(api.POST("/api/providers", { body }));
}

function change(id: string, body: Schemas["ProviderChange"]): Promise<Setup> {
  return data(api.PATCH("/api/providers/{id}", { params: { path: { id } }, body }));
}
