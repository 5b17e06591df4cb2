// A copy of the safety plan on this device, for the hour without a network or a log-in. Only for
// whoever switches it on; it is sealed as drafts are, and gone with a log-out.
import * as sealed from "../../../lib/sealed";
import type { Entry } from "../forms/entry";

const NAME = "kept/safety-plan";

export interface Copy {
  entry: Entry;
  // When the plan was last changed.
  of: string;
}

export function keepCopy(owner: string, copy: Copy): Promise<void> {
  return sealed.put(owner, NAME, copy);
}

export function dropCopy(owner: string): Promise<void> {
  return sealed.remove(owner, NAME);
}

export async function copyOf(owner: string): Promise<Copy | null> {
  return (await sealed.get<Copy>(owner, NAME)) ?? null;
}

// The copy that is here, if there is exactly one: two people's plans are not to be mixed up.
export async function copyHere(): Promise<Copy | null> {
  const [owner, ...others] = await sealed.owners(NAME);
  return owner !== undefined && others.length === 0 ? copyOf(owner) : null;
}
