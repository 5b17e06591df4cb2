// How many characters are left, counted as the server counts: a sign beyond the first plane is one.
import { LONGEST } from "./api";

export function left(text: string): number {
  return LONGEST - [...text.trim()].length;
}

export function fits(text: string): boolean {
  const remaining = left(text);
  return remaining >= 0 && remaining < LONGEST;
}
