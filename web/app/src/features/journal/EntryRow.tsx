import { Link } from "@tanstack/react-router";
import { Icon } from "../../components/ui/Icon";
import { t } from "../../i18n";
import { clock } from "../../lib/dates";
import { usePrefs } from "../../lib/prefs";
import type { Entry } from "./api";
import { Face } from "./Face";
import { levelOf } from "./moods";

export function EntryRow({ entry }: { entry: Entry }) {
  const { discreet } = usePrefs();
  const level = typeof entry.scale === "number" ? levelOf(entry.scale) : undefined;
  const words = [level && t(`level.${level}`), entry.mood && t(`mood.${entry.mood}`)];
  const heading = entry.title || firstLine(entry.content) || words.filter(Boolean).join(" · ");
  const more = entry.title ? entry.content : rest(entry.content);
  return (
    <Link
      to="/journal/$id"
      params={{ id: entry.id }}
      className={`flex gap-4 rounded-field px-3 py-3 transition-colors hover:bg-sunken ${discreet ? "[&_.veil]:blur-sm [&:focus_.veil]:blur-none [&:hover_.veil]:blur-none" : ""}`}
    >
      <span className="veil mt-0.5">
        {level ? (
          <Face level={level} className="size-9" />
        ) : (
          <span className="grid size-9 place-items-center rounded-full bg-sunken text-soft">
            <Icon name="journal" />
          </span>
        )}
      </span>
      <span className="min-w-0 flex-1">
        <span className="flex items-baseline justify-between gap-3">
          <span className="veil truncate font-semibold">{heading || t("entry.untitled")}</span>
          <span className="flex shrink-0 items-center gap-1.5 text-soft text-sm tabular-nums">
            {entry.favourite && (
              <>
                <Icon name="star" className="size-4 text-brand [&_path]:fill-current" />
                <span className="sr-only">{t("entry.favourite")}</span>
              </>
            )}
            {clock(new Date(entry.occurred_at))}
          </span>
        </span>
        {more && <span className="veil line-clamp-2 text-soft">{more}</span>}
        {(entry.tags.length > 0 || entry.copy_of) && (
          <span className="veil mt-1 block truncate text-soft text-sm">
            {entry.copy_of && <b className="mr-2 font-semibold">{t("entry.copy")}</b>}
            {entry.tags.map((tag) => `#${tag}`).join("  ")}
          </span>
        )}
      </span>
    </Link>
  );
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0] ?? "";
}

function rest(text: string): string {
  return text.trim().split("\n").slice(1).join("\n").trim();
}
