import { useQuery } from "@tanstack/react-query";
import { IconButton } from "../../../components/ui/Button";
import { t } from "../../../i18n/chat";
import { setPrefs, usePrefs } from "../../../lib/prefs";
import { modelsQuery } from "../api";

// Only where a model can ask for tools: the one that was chosen, or any.
export function useToolsPossible(model: string): boolean {
  const models = useQuery(modelsQuery).data?.providers.flatMap((provider) => provider.models);
  return models?.some((one) => one.tools && (!model || one.id === model)) ?? false;
}

export function ToolsSwitch() {
  const { tools } = usePrefs();
  return (
    <IconButton
      icon="tool"
      label={t("tool.switch")}
      on={tools}
      onClick={() => setPrefs({ tools: !tools })}
    />
  );
}

export function ToolsNote() {
  const { tools } = usePrefs();
  return tools ? <p className="mb-2 px-4 text-soft text-sm">{t("tool.on")}</p> : null;
}
