import { lazy, Suspense, useState } from "react";
import { Icon } from "../../components/ui/Icon";
import { t } from "../../i18n";
import { clock } from "../../lib/dates";
import { usePrefs } from "../../lib/prefs";
import type { CheckIn } from "./api";
import { type Rating, felt as word } from "./checkIn";
import { Face } from "./Face";
import { levelOf } from "./moods";

// Only whoever wants to read it whole needs it.
const CheckInSheet = lazy(() => import("./CheckInSheet"));

const rated = ({ name, strength }: Rating) =>
  typeof strength === "number" ? `${word(name)} ${strength}` : word(name);

export function CheckInRow({ checkIn }: { checkIn: CheckIn }) {
  const { discreet } = usePrefs();
  const [open, setOpen] = useState(false);
  const level = typeof checkIn.scale === "number" ? levelOf(checkIn.scale) : undefined;
  const heading = [level && t(`level.${level}`), checkIn.mood && t(`mood.${checkIn.mood}`)];
  const felt = [...checkIn.emotions, ...checkIn.urges].map(rated).join(" · ");
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        className={`flex w-full cursor-pointer gap-4 rounded-field px-3 py-3 text-left transition-colors hover:bg-sunken ${discreet ? "[&_.veil]:blur-sm [&:focus_.veil]:blur-none [&:hover_.veil]:blur-none" : ""}`}
      >
        <span className="veil mt-0.5">
          {level ? (
            <Face level={level} className="size-9" />
          ) : (
            <span className="grid size-9 place-items-center rounded-full bg-sunken text-soft">
              <Icon name="today" />
            </span>
          )}
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex items-baseline justify-between gap-3">
            <span className="veil truncate font-semibold">
              {heading.filter(Boolean).join(" · ")}
            </span>
            <span className="shrink-0 text-soft text-sm tabular-nums">
              {clock(new Date(checkIn.occurred_at))}
            </span>
          </span>
          {felt && <span className="veil line-clamp-2 text-soft">{felt}</span>}
          {checkIn.note && <span className="veil line-clamp-2 text-soft">{checkIn.note}</span>}
          {checkIn.factors.length > 0 && (
            <span className="veil mt-1 block truncate text-soft text-sm">
              {checkIn.factors.map((factor) => `#${factor}`).join("  ")}
            </span>
          )}
        </span>
      </button>
      {open && (
        <Suspense fallback={null}>
          <CheckInSheet checkIn={checkIn} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
