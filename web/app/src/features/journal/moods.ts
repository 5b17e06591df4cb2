// What can be said about a moment, and how it is shown.
import type { Schemas } from "@salus/api-client";

export type Mood = Schemas["Mood"];
export type Level = 1 | 2 | 3 | 4 | 5;

export const LEVELS: readonly Level[] = [1, 2, 3, 4, 5];

// Where the five faces stand on the scale of the API, -5 to 5.
const SCALE: Record<Level, number> = { 1: -4, 2: -2, 3: 0, 4: 2, 5: 4 };

export const MOODS: readonly Mood[] = [
  "joyful",
  "grateful",
  "hopeful",
  "calm",
  "neutral",
  "tired",
  "anxious",
  "sad",
  "angry",
  "overwhelmed",
];

export const FIRST_TAGS = ["sleep", "work", "family", "friends", "exercise", "outside"] as const;

export function scaleOf(level: Level): number {
  return SCALE[level];
}

// The nearest face for a number on the scale; halves go to the middle.
export function levelOf(scale: number): Level {
  if (scale < -3) return 1;
  if (scale < -1) return 2;
  if (scale <= 1) return 3;
  return scale <= 3 ? 4 : 5;
}

// Tags as people type them: "sleep, #work" are two.
export function parseTags(text: string): string[] {
  const tags = text
    .split(/[,\n]/)
    .map((tag) => tag.trim().replace(/^#+/, "").trim())
    .filter(Boolean)
    .map((tag) => [...tag].slice(0, 40).join(""));
  return [...new Set(tags)].slice(0, 20);
}

export function toggled(tags: readonly string[], tag: string): string[] {
  return tags.includes(tag) ? tags.filter((other) => other !== tag) : [...tags, tag];
}
