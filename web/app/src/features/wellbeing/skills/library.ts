// The exercises of crates/care, which are part of the app: found, read and done without a network.
import all, { type Skill as Source } from "virtual:skills";
import { type CareWords, careLanguage, careWords } from "../lang";

export interface Skill extends Source {
  language: string;
}

const cache = new Map<CareWords | undefined, readonly Skill[]>();

export function allSkills(locale: string): readonly Skill[] {
  const words = careWords(locale);
  let found = cache.get(words);
  if (!found) {
    found = all.map((skill) => inLanguage(skill, careLanguage(locale), words));
    cache.set(words, found);
  }
  return found;
}

export function skillOf(id: string, locale: string): Skill | undefined {
  return allSkills(locale).find((skill) => skill.id === id);
}

function inLanguage(skill: Source, language: string, care: CareWords | undefined): Skill {
  const words = care?.skills[skill.id];
  if (!words) return { ...skill, language: "en" };
  const fields = skill.fields?.map((field, at) => ({
    ...field,
    label: words.fields?.[at] ?? field.label,
  }));
  return { ...skill, ...words, fields, language };
}

// What people come with, in their words; each stands for concerns of the exercises.
export const NEEDS = {
  urge: ["crisis_urge", "self_harm_urge"],
  panic: ["panic", "dissociation"],
  anger: ["anger", "conflict"],
  sad: ["sadness", "grief", "loneliness"],
  worry: ["worry", "rumination", "perfectionism"],
  stress: ["stress"],
  shame: ["shame", "guilt"],
  sleep: ["sleep"],
  energy: ["low_energy"],
  people: ["asking", "boundary", "conflict", "decision"],
  trauma: ["trauma_reminder", "dissociation"],
  everyday: ["everyday"],
} as const satisfies Record<string, readonly string[]>;

export type Need = keyof typeof NEEDS;
export const ALL_NEEDS = Object.keys(NEEDS) as Need[];

export const FAMILIES = [
  "breathing",
  "grounding",
  "distress_tolerance",
  "emotion_regulation",
  "cbt",
  "mindfulness",
  "interpersonal",
  "sleep",
  "safety",
] as const;

export interface Wish {
  words?: string | undefined;
  need?: Need | undefined;
  mood?: string | undefined;
  short?: boolean | undefined;
}

const SHORT_MINUTES = 5;
const DIFFICULTY = { easy: 0, medium: 1, hard: 2 } as const;

// What suits a wish, best first. A word counts most in the title, then in the purpose, then anywhere.
export function find(skills: readonly Skill[], wish: Wish): Skill[] {
  const words = plain(wish.words ?? "")
    .split(/\s+/)
    .filter(Boolean);
  const concerns: readonly string[] = wish.need ? NEEDS[wish.need] : [];
  return skills
    .filter((skill) => !wish.need || skill.situations.some((one) => concerns.includes(one)))
    .filter((skill) => !wish.mood || skill.moods.includes(wish.mood))
    .filter((skill) => !wish.short || skill.minutes <= SHORT_MINUTES)
    .map((skill) => ({ skill, score: score(skill, words) }))
    .filter(({ score }) => score > 0)
    .sort(
      (a, b) =>
        b.score - a.score ||
        DIFFICULTY[a.skill.difficulty] - DIFFICULTY[b.skill.difficulty] ||
        a.skill.minutes - b.skill.minutes ||
        a.skill.title.localeCompare(b.skill.title),
    )
    .map(({ skill }) => skill);
}

function score(skill: Skill, words: readonly string[]): number {
  if (words.length === 0) return 1;
  const title = plain(skill.title);
  const purpose = plain(skill.purpose);
  const rest = plain(
    [...skill.steps, ...skill.situations, ...skill.moods, skill.family]
      .join(" ")
      .replace(/_/g, " "),
  );
  let sum = 0;
  for (const word of words) {
    const found = title.includes(word)
      ? 9
      : purpose.includes(word)
        ? 3
        : rest.includes(word)
          ? 1
          : 0;
    if (found === 0) return 0;
    sum += found;
  }
  return sum;
}

// Accents and case do not matter to whoever is looking for something.
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

// The last word on each exercise counts: what helped, newest first, each once.
export function helpedBefore(
  practice: readonly { skill: string; helped?: string | null }[],
): string[] {
  const seen = new Set<string>();
  const helped: string[] = [];
  for (const one of practice) {
    if (!one.helped || seen.has(one.skill)) continue;
    seen.add(one.skill);
    if (one.helped !== "no") helped.push(one.skill);
  }
  return helped;
}

const BEFORE = /(^|[“"«„‚‘:\n*])\s*$/;
const AFTER = /^\s*(["”“»’*.,:!?]|$)/;

// The exercise that a text names, as the companion names one: in quotes, or as a piece of its own.
export function named(text: string, skills: readonly Skill[]): Skill | undefined {
  return skills
    .filter((skill) => {
      const at = text.indexOf(skill.title);
      if (at < 0) return false;
      return BEFORE.test(text.slice(0, at)) && AFTER.test(text.slice(at + skill.title.length));
    })
    .sort((a, b) => b.title.length - a.title.length)[0];
}
