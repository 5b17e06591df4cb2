import { useQuery } from "@tanstack/react-query";
import { t } from "../../i18n/chat";
import { type Model, modelsQuery } from "./api";

interface Props {
  value: string;
  onChange: (model: string) => void;
}

// Who answers, where there is a choice; and whether what is written leaves the server.
export function ModelChoice({ value, onChange }: Props) {
  const known = useQuery(modelsQuery);
  const providers = known.data?.providers ?? [];
  const models = providers.flatMap((provider) => provider.models);
  if (models.length < 2) return null;
  const chosen = models.find((model) => model.id === value);
  return (
    <span className="relative">
      <select
        name="model"
        aria-label={t("chat.model")}
        title={chosen?.location === "remote" ? t("chat.remoteHint") : t("chat.model")}
        value={chosen ? value : ""}
        onChange={(event) => onChange(event.target.value)}
        className="min-h-11 w-48 cursor-pointer truncate rounded-full border border-line bg-surface px-4 text-soft text-sm hover:border-edge sm:w-56"
      >
        <option value="">{t("chat.modelAny")}</option>
        {providers.map((provider) => (
          <optgroup key={provider.id} label={provider.id}>
            {provider.models.map((model) => (
              <option key={model.id} value={model.id}>
                {model.title} ({where(model)})
              </option>
            ))}
          </optgroup>
        ))}
      </select>
    </span>
  );
}

function where(model: Model): string {
  return t(model.location === "remote" ? "chat.remote" : "chat.local");
}
