import { useEffect, useMemo, useRef, useState } from "react";
import { Button, IconButton } from "../../../components/ui/Button";
import { Toggle } from "../../../components/ui/Toggle";
import { t, type Word } from "../../../i18n/wellbeing";
import { Breath } from "./Breath";
import type { Skill } from "./library";
import {
  asClock,
  type Beat,
  canHold,
  goOn,
  isPaced,
  jump,
  type Part,
  partsOf,
  READY,
  rest,
  start,
  total,
} from "./timer";
import { tone, useAwake, useClock } from "./useClock";

const BEATS: Record<Beat, Word> = {
  in: "breath.in",
  more: "timer.more",
  hold: "breath.hold",
  out: "breath.out",
  rest: "timer.rest",
};

interface Props {
  skill: Skill;
  onStep: (step: number | undefined) => void;
  onDone: () => void;
}

// Leads through an exercise at its pace. Silent, still and at rest until it is asked.
export function Timer({ skill, onStep, onDone }: Props) {
  const [gentle, setGentle] = useState(false);
  const [sound, setSound] = useState(false);
  const parts = useMemo(
    () => partsOf(skill.id, skill.seconds ?? [], gentle),
    [skill.id, skill.seconds, gentle],
  );
  const { clock, setClock, here, seconds } = useClock(parts);
  const part = parts[here.at];
  const begun = clock.state === "running" || clock.state === "resting";
  useAwake(clock.state === "running");
  useTone(sound && clock.state === "running", here.at);
  useTelling(begun ? part?.step : undefined, clock.state === "done", onStep, onDone);
  const press = () => {
    const now = Date.now();
    if (clock.state === "running") setClock(rest(clock, now));
    else if (clock.state === "resting") setClock(goOn(clock, now));
    else setClock(start(now));
  };
  const go = (by: number) => setClock(jump(clock, parts, stepAt(parts, here.at, by), Date.now()));
  return (
    <section
      aria-label={t("timer.title")}
      className="rounded-card border border-line bg-surface p-5 text-center shadow-card sm:p-8"
    >
      {isPaced(skill.id) && (
        <Breath
          beat={begun ? part?.beat : undefined}
          seconds={part?.seconds ?? 1}
          left={begun ? here.left : (part?.seconds ?? 1)}
        />
      )}
      <p
        role="status"
        className="mx-auto grid min-h-24 max-w-xl content-center text-balance font-serif text-2xl leading-snug sm:text-[1.7rem]"
      >
        {words(clock.state, part, skill)}
      </p>
      <p role="timer" aria-label={t("timer.left")} className="mb-5 text-soft tabular-nums">
        {clock.state === "done" ? asClock(0) : asClock(total(parts) - seconds)}
      </p>
      <Bar parts={parts} seconds={clock.state === "done" ? total(parts) : seconds} />
      <div className="mt-6 flex flex-wrap items-center justify-center gap-2">
        {begun && <IconButton icon="back" label={t("timer.previous")} onClick={() => go(-1)} />}
        <Button kind="primary" className="min-w-36" onClick={press}>
          {t(BUTTON[clock.state])}
        </Button>
        {begun && <IconButton icon="chevron" label={t("timer.next")} onClick={() => go(1)} />}
        {begun && (
          <Button kind="quiet" onClick={() => setClock(READY)}>
            {t("timer.stop")}
          </Button>
        )}
      </div>
      <div className="mx-auto mt-4 max-w-sm text-left">
        <Toggle label={t("timer.sound")} checked={sound} onChange={setSound} />
        {canHold(skill.id) && (
          <Toggle
            label={t("timer.gentle")}
            hint={t("timer.gentleHint")}
            checked={gentle}
            disabled={begun}
            onChange={setGentle}
          />
        )}
      </div>
    </section>
  );
}

const BUTTON = {
  ready: "timer.start",
  running: "timer.pause",
  resting: "timer.goOn",
  done: "timer.again",
} as const;

function words(state: keyof typeof BUTTON, part: Part | undefined, skill: Skill): string {
  if (state === "ready") return t("timer.ready");
  if (state === "done") return t("timer.done");
  if (state === "resting") return t("timer.resting");
  return part?.beat ? t(BEATS[part.beat]) : (skill.steps[part?.step ?? 0] ?? "");
}

// The beginning of the step before or after; breaths of one step belong together.
function stepAt(parts: readonly Part[], at: number, by: number): number {
  const step = parts[at]?.step ?? 0;
  if (by > 0) {
    const next = parts.findIndex((part, index) => index > at && part.step !== step);
    return next < 0 ? parts.length : next;
  }
  const before = parts.slice(0, at).findLast((part) => part.step !== step)?.step ?? step;
  return Math.max(
    0,
    parts.findIndex((part) => part.step === before),
  );
}

function Bar({ parts, seconds }: { parts: readonly Part[]; seconds: number }) {
  const all = total(parts);
  const share = all > 0 ? Math.min(1, seconds / all) : 0;
  return (
    <svg
      viewBox="0 0 100 1"
      preserveAspectRatio="none"
      className="mx-auto h-1.5 w-full max-w-sm rounded-full bg-sunken"
      aria-hidden="true"
    >
      <rect width={share * 100} height="1" fill="var(--brand)" />
    </svg>
  );
}

function useTone(on: boolean, at: number): void {
  const heard = useRef(-1);
  useEffect(() => {
    if (!on) return;
    if (heard.current !== at) tone();
    heard.current = at;
  }, [on, at]);
}

function useTelling(
  step: number | undefined,
  over: boolean,
  onStep: Props["onStep"],
  onDone: Props["onDone"],
): void {
  const tell = useRef({ onStep, onDone });
  tell.current = { onStep, onDone };
  useEffect(() => tell.current.onStep(step), [step]);
  useEffect(() => {
    if (over) tell.current.onDone();
  }, [over]);
}
