// A calm clock: it knows the parts of an exercise and where one is in them. It never begins by
// itself, can rest at any moment, and what it says is worked out from the time alone.

export interface Part {
  // What is to be done meanwhile: the number of a step, or a breath.
  step: number;
  beat?: Beat;
  seconds: number;
}

export type Beat = "in" | "more" | "hold" | "out" | "rest";

export interface Clock {
  state: "ready" | "running" | "resting" | "done";
  // Seconds that have gone by up to the last change of state.
  before: number;
  // The moment it was set going, in milliseconds.
  since: number;
}

export const READY: Clock = { state: "ready", before: 0, since: 0 };

export function start(now: number): Clock {
  return { state: "running", before: 0, since: now };
}

export function rest(clock: Clock, now: number): Clock {
  return clock.state === "running"
    ? { state: "resting", before: gone(clock, now), since: now }
    : clock;
}

export function goOn(clock: Clock, now: number): Clock {
  return clock.state === "resting" ? { ...clock, state: "running", since: now } : clock;
}

export function finish(clock: Clock, now: number): Clock {
  return { state: "done", before: gone(clock, now), since: now };
}

// To the beginning of a part; a clock that rests goes on resting there.
export function jump(clock: Clock, parts: readonly Part[], to: number, now: number): Clock {
  const before = total(parts.slice(0, Math.max(0, to)));
  const state = clock.state === "resting" ? "resting" : "running";
  return { state, before, since: now };
}

export function gone(clock: Clock, now: number): number {
  return clock.state === "running"
    ? clock.before + Math.max(0, now - clock.since) / 1000
    : clock.before;
}

export function total(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + part.seconds, 0);
}

export interface Place {
  // The part, and how long it still lasts; past the last one it is over.
  at: number;
  left: number;
  over: boolean;
}

export function place(parts: readonly Part[], seconds: number): Place {
  let begun = 0;
  for (const [at, part] of parts.entries()) {
    const end = begun + part.seconds;
    if (seconds < end) return { at, left: end - seconds, over: false };
    begun = end;
  }
  return { at: Math.max(0, parts.length - 1), left: 0, over: true };
}

// Exercises that are breathed: the beat of a breath, and the steps during which it goes on.
const RHYTHMS: Record<string, { beats: readonly [Beat, number][]; from: number; to: number }> = {
  "slow-breathing": {
    beats: [
      ["in", 4],
      ["out", 6],
    ],
    from: 1,
    to: 2,
  },
  "box-breathing": {
    beats: [
      ["in", 4],
      ["hold", 4],
      ["out", 4],
      ["rest", 4],
    ],
    from: 0,
    to: 3,
  },
  sigh: {
    beats: [
      ["in", 3],
      ["more", 1],
      ["out", 7],
    ],
    from: 0,
    to: 2,
  },
};

export function isPaced(id: string): boolean {
  return id in RHYTHMS;
}

export function canHold(id: string): boolean {
  return RHYTHMS[id]?.beats.some(([beat]) => beat === "hold") ?? false;
}

// The parts of an exercise. Where it is breathed, whole breaths fill the time of these steps; with
// `gentle` nobody holds their breath, and the time goes into the breath out.
export function partsOf(id: string, seconds: readonly number[], gentle = false): Part[] {
  const rhythm = RHYTHMS[id];
  const plain = seconds.map((one, step): Part => ({ step, seconds: one }));
  if (!rhythm) return plain;
  const beats = gentle ? gently(rhythm.beats) : rhythm.beats;
  const breath = beats.reduce((sum, [, length]) => sum + length, 0);
  const time = total(plain.slice(rhythm.from, rhythm.to + 1));
  const breaths = Array.from({ length: Math.max(1, Math.round(time / breath)) }, () =>
    beats.map(([beat, length]): Part => ({ step: rhythm.from, beat, seconds: length })),
  );
  return [...plain.slice(0, rhythm.from), ...breaths.flat(), ...plain.slice(rhythm.to + 1)];
}

function gently(beats: readonly [Beat, number][]): [Beat, number][] {
  const held = beats
    .filter(([beat]) => beat === "hold" || beat === "rest")
    .reduce((sum, [, length]) => sum + length, 0);
  return beats
    .filter(([beat]) => beat === "in" || beat === "more" || beat === "out")
    .map(([beat, length]) => [beat, beat === "out" ? length + Math.min(2, held) : length]);
}

// "4:05"; always rounded up, so that it only says zero when it is over.
export function asClock(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds - 1e-6));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
