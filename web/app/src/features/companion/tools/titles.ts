import { t } from "../../../i18n/chat";
import { nameOf } from "./uses";

const OURS = ["journal_search", "recent_moods", "find_exercise", "remember"] as const;

// What a tool is, for people.
export function titleOf(tool: string): string {
  const ours = OURS.find((one) => one === tool);
  if (ours) return t(`tool.title.${ours}`);
  const { name, server } = nameOf(tool);
  if (server) return t("tool.title.elsewhere", { name, server });
  return name || t("tool.title.unknown");
}
