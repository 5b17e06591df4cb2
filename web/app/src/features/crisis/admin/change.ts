// What an administrator changes about the lines of a country, as steps from one state to the next.
import type { Schemas } from "@salus/api-client";

export type Line = Schemas["CrisisLineFull"];
export type Country = Schemas["CrisisCountryAdmin"];
export type Change = Schemas["CrisisLinesWrite"];

export interface Shown {
  line: Line;
  // Put by this installation, whether or not there is one of that name built in.
  own: boolean;
  hidden: boolean;
}

export function changeOf(country: Country): Required<Pick<Change, "put" | "remove">> & Change {
  const { change } = country;
  return {
    ...(change?.name && { name: change.name }),
    ...(change?.emergency && { emergency: change.emergency }),
    put: change?.put ?? [],
    remove: change?.remove ?? [],
  };
}

// Lines of the installation first, then those that are built in, with the hidden ones in their place.
export function shownLines(country: Country): Shown[] {
  const { put, remove } = changeOf(country);
  const own = put.map((line) => ({ line, own: true, hidden: false }));
  const builtIn = (country.built_in?.lines ?? [])
    .filter((line) => !put.some((one) => one.id === line.id))
    .map((line) => ({ line, own: false, hidden: remove.includes(line.id) }));
  return [...own, ...builtIn];
}

export function withLine(country: Country, line: Line): Change {
  const change = changeOf(country);
  const others = change.put.filter((one) => one.id !== line.id);
  return { ...change, put: [line, ...others], remove: without(change.remove, line.id) };
}

export function withoutLine(country: Country, id: string): Change {
  const change = changeOf(country);
  return { ...change, put: change.put.filter((one) => one.id !== id) };
}

export function withHidden(country: Country, id: string, hidden: boolean): Change {
  const change = changeOf(country);
  const remove = without(change.remove, id);
  return { ...change, remove: hidden ? [...remove, id] : remove };
}

export function withEmergency(country: Country, text: string): Change {
  return { ...changeOf(country), emergency: list(text) };
}

// The next free name of a line of this installation.
export function freeId(country: Country): string {
  const taken = shownLines(country).map(({ line }) => line.id);
  for (let count = 1; ; count += 1) {
    const id = `own-${count}`;
    if (!taken.includes(id)) return id;
  }
}

export function list(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

function without(ids: readonly string[], id: string): string[] {
  return ids.filter((one) => one !== id);
}
