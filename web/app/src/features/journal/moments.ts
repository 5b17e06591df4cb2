// Entries and check-ins as one line of moments, newest first.
import type { CheckIn, Entry } from "./api";

export type Moment =
  | { kind: "entry"; at: string; entry: Entry }
  | { kind: "check-in"; at: string; checkIn: CheckIn };

export function moments(entries: readonly Entry[], checkIns: readonly CheckIn[]): Moment[] {
  const all: Moment[] = [
    ...entries.map((entry): Moment => ({ kind: "entry", at: entry.occurred_at, entry })),
    ...checkIns.map((checkIn): Moment => ({ kind: "check-in", at: checkIn.occurred_at, checkIn })),
  ];
  const time = ({ at }: Moment) => new Date(at).getTime();
  return all.sort((a, b) => time(b) - time(a));
}

export const idOf = (moment: Moment): string =>
  moment.kind === "entry" ? moment.entry.id : moment.checkIn.id;
