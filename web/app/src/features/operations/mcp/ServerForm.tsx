import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Field, PasswordField } from "../../../components/ui/Field";
import { Problem } from "../../../components/ui/Notice";
import { Toggle } from "../../../components/ui/Toggle";
import { t } from "../../../i18n/mcp";
import { add, SERVERS } from "./servers";

// A new server. The key goes to Salus and never comes back.
export function ServerForm({ onDone }: { onDone: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [url, setUrl] = useState("");
  const [local, setLocal] = useState(false);
  const [key, setKey] = useState("");
  const save = useMutation({
    mutationFn: () => add({ name: name.trim(), url: url.trim(), local, ...(key && { key }) }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: SERVERS });
      onDone();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4" autoComplete="off">
      <Field
        label={t("providers.name")}
        hint={t("mcp.nameHint")}
        value={name}
        required
        maxLength={20}
        pattern="[a-z0-9\-]+"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setName(event.target.value)}
      />
      <Field
        label={t("providers.url")}
        type="url"
        value={url}
        required
        maxLength={500}
        placeholder="https://tools.example/mcp"
        onChange={(event) => setUrl(event.target.value)}
      />
      <Toggle
        label={t("providers.local")}
        hint={t("mcp.localHint")}
        checked={local}
        onChange={setLocal}
      />
      <PasswordField
        label={t("providers.key")}
        hint={t("providers.keyHint")}
        value={key}
        autoComplete="new-password"
        onChange={(event) => setKey(event.target.value)}
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
