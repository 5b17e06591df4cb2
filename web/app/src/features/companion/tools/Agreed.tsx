import { Button } from "../../../components/ui/Button";
import { t } from "../../../i18n/chat";
import { titleOf } from "./titles";

interface Props {
  tools: readonly string[];
  busy: boolean;
  onChange: (tools: string[]) => void;
}

// What was agreed to for a whole conversation can be taken back there.
export function Agreed({ tools, busy, onChange }: Props) {
  if (tools.length === 0) return null;
  return (
    <div>
      <h3 className="font-sans font-semibold">{t("tool.agreed")}</h3>
      <ul className="divide-y divide-line">
        {tools.map((tool) => (
          <li key={tool} className="flex flex-wrap items-center justify-between gap-2 py-2">
            <span className="min-w-0 break-words">{titleOf(tool)}</span>
            <Button
              busy={busy}
              aria-label={t("tool.takeBackOf", { name: titleOf(tool) })}
              onClick={() => onChange(tools.filter((one) => one !== tool))}
            >
              {t("tool.takeBack")}
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
