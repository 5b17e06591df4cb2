// Words. What the first screens say is here; a page that is loaded later brings its own (`part`), so
// that nobody waits for words they do not read. English is typed; index.test.ts holds the others to
// it. In other languages the words of later pages are one file, read beside the first such page.
import { common } from "./en/common";
import { crisis } from "./en/crisis";
import { identity } from "./en/identity";
import { journal } from "./en/journal";
import { passkeys } from "./en/passkeys";

const en = { ...common, ...crisis, ...identity, ...journal, ...passkeys };

export type Key = keyof typeof en;

// Every word there is: what a catalogue of another language may hold.
type AnyKey =
  | Key
  | keyof typeof import("./en/account")["account"]
  | keyof typeof import("./en/admin")["admin"]
  | keyof typeof import("./en/companion")["companion"]
  | keyof typeof import("./en/emergency")["emergency"]
  | keyof typeof import("./en/errors")["errors"]
  | keyof typeof import("./en/errorsOfPages")["errorsOfPages"]
  | keyof typeof import("./en/human")["human"]
  | keyof typeof import("./en/insights")["insights"]
  | keyof typeof import("./en/lines")["lines"]
  | keyof typeof import("./en/mcp")["mcp"]
  | keyof typeof import("./en/memory")["memory"]
  | keyof typeof import("./en/privacy")["privacy"]
  | keyof typeof import("./en/programs")["programs"]
  | keyof typeof import("./en/providers")["providers"]
  | keyof typeof import("./en/register")["register"]
  | keyof typeof import("./en/security")["security"]
  | keyof typeof import("./en/skillWords")["skillWords"]
  | keyof typeof import("./en/team")["team"]
  | keyof typeof import("./en/tools")["tools"]
  | keyof typeof import("./en/usage")["usage"]
  | keyof typeof import("./en/wellbeing")["wellbeing"];
export type Catalogue = Partial<Record<AnyKey, string>>;
type Params = Record<string, string | number>;

// Languages with a catalogue of their own are loaded when they are chosen; see docs/guide/web.md.
type Load = () => Promise<{ default: Catalogue }>;
const CATALOGUES: Record<string, { first: Load; later?: Load }> = {
  es: { first: () => import("./es"), later: () => import("./es/later") },
  fr: { first: () => import("./fr"), later: () => import("./fr/later") },
  de: { first: () => import("./de"), later: () => import("./de/later") },
  pt: { first: () => import("./pt"), later: () => import("./pt/later") },
  hi: { first: () => import("./hi"), later: () => import("./hi/later") },
  "hi-Latn": { first: () => import("./hi-Latn") },
};

export const LOCALES = [
  ["en", "English"],
  ["es", "Español"],
  ["fr", "Français"],
  ["de", "Deutsch"],
  ["pt", "Português"],
  ["hi", "हिन्दी"],
  ["hi-Latn", "Hindi (Roman)"],
] as const;

let words: Partial<Record<string, string>> = {};
let locale = "en";
let later: Promise<void> | undefined;

export function t(key: Key, params: Params = {}): string {
  return fill(words[key] ?? en[key], params);
}

// The words of a part of the app that is loaded later, beside those that are always there. Only a
// page that takes its `t` from there can say them, so none is shown before it has come.
export function part<const English extends Record<string, string>>(english: English) {
  const all: Record<string, string> = { ...en, ...english };
  return (key: Key | (keyof English & string), params: Params = {}): string =>
    fill(words[key] ?? all[key] ?? key, params);
}

// What went wrong in the language of the person, where a catalogue knows the code. The server says
// it in English.
export function problemWords(code: string): string | undefined {
  return words[`error.${code}`];
}

// "{count, one|many}" takes the first word for 1; "{name}" is the value itself.
export function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)(?:, ([^|}]*)\|([^}]*))?\}/g, (whole, name, one, many) => {
    const value = params[name];
    if (value === undefined) return whole;
    if (one === undefined) return String(value);
    return Number(value) === 1 ? one : many;
  });
}

// The language asked for, or the first that the browser prefers and we have.
export function choose(wish: string, preferred: readonly string[]): string {
  const known = (tag: string) => tag === "en" || tag in CATALOGUES;
  if (known(wish)) return wish;
  return preferred.map((tag) => tag.split("-")[0] ?? "").find(known) ?? "en";
}

export async function load(wish: string): Promise<void> {
  const chosen = choose(wish, navigator.languages);
  const catalogue = CATALOGUES[chosen];
  const first = catalogue ? (await catalogue.first()).default : {};
  // Whoever changes the language on a page of these words sees them all changed.
  const shown = later && chosen !== locale;
  locale = chosen;
  words = { ...first };
  later = undefined;
  if (shown) await Promise.all([wordsOfPages(), ...[...others].map((read) => read(locale))]);
  document.documentElement.lang = locale;
}

function wordsOfPages(): Promise<void> {
  const mine = words;
  later ??= (CATALOGUES[locale]?.later?.() ?? Promise.resolve({ default: {} })).then(
    (found) => void Object.assign(mine, found.default),
    // A page in English is better than none; the next one tries again.
    () => {
      later = undefined;
    },
  );
  return later;
}

// Words that are not in a catalogue, such as those of the exercises.
type Others = (locale: string) => Promise<void>;
const others = new Set<Others>();

/** A part of the app that is loaded later, together with its words. */
export function withWords<T>(part: () => Promise<T>, also?: Others): () => Promise<T> {
  return async () => {
    if (also) others.add(also);
    const [found] = await Promise.all([part(), wordsOfPages(), also?.(locale)]);
    return found;
  };
}

export function currentLocale(): string {
  return locale;
}
