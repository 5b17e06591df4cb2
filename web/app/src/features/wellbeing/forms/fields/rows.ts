// Rows of a list that is being written: there is always an empty one to go on with.
import { useState } from "react";
import { newId } from "../../../../lib/ids";

const MOST = 30;

export interface Rows<T> {
  keys: string[];
  shown: T[];
  change: (at: number, row: T) => void;
  remove: (at: number) => void;
  move: (from: number, to: number) => void;
}

// Each row has a name of its own, so that fields keep their words when one above them goes.
export function useRows<T>(rows: readonly T[], blank: T, onChange: (rows: T[]) => void): Rows<T> {
  const [names, setNames] = useState<string[]>([]);
  const isBlank = (row: T) => JSON.stringify(row) === JSON.stringify(blank);
  const last = rows.at(-1);
  const open = rows.length < MOST && !(last !== undefined && isBlank(last));
  const shown = open ? [...rows, blank] : [...rows];
  const keys = [...names];
  while (keys.length < shown.length) keys.push(newId());
  if (keys.length > names.length) setNames(keys);
  return {
    keys,
    shown,
    change: (at, row) =>
      onChange(
        at < rows.length ? rows.map((one, place) => (place === at ? row : one)) : [...rows, row],
      ),
    remove(at) {
      setNames(keys.filter((_, place) => place !== at));
      onChange(rows.filter((_, place) => place !== at));
    },
    move(from, to) {
      if (to < 0 || to >= rows.length) return;
      const swap = <R>(list: readonly R[]) => {
        const all = [...list];
        all.splice(to, 0, ...all.splice(from, 1));
        return all;
      };
      setNames(swap(keys));
      onChange(swap(rows));
    },
  };
}
