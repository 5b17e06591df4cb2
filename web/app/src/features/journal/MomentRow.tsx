import { CheckInRow } from "./CheckInRow";
import { EntryRow } from "./EntryRow";
import type { Moment } from "./moments";

export function MomentRow({ moment }: { moment: Moment }) {
  return moment.kind === "entry" ? (
    <EntryRow entry={moment.entry} />
  ) : (
    <CheckInRow checkIn={moment.checkIn} />
  );
}
