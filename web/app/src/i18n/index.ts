// Words. English is complete and typed; another language may lack some, which then are English.
import { account } from "./en/account";
import { admin } from "./en/admin";
import { common } from "./en/common";
import { companion } from "./en/companion";
import { crisis } from "./en/crisis";
import { identity } from "./en/identity";
import { insights } from "./en/insights";
import { journal } from "./en/journal";
import { passkeys } from "./en/passkeys";
import { privacy } from "./en/privacy";
import { security } from "./en/security";

const en = {
  ...common,
  ...companion,
  ...crisis,
  ...identity,
  ...account,
  ...insights,
  ...journal,
  ...passkeys,
  ...privacy,
  ...security,
  ...admin,
};

export type Key = keyof typeof en;
export type Catalogue = Partial<Record<Key, string>>;

// Languages with a catalogue of their own are loaded when they are chosen; see docs/guide/web.md.
const CATALOGUES: Record<string, () => Promise<{ default: Catalogue }>> = {
  es: () => import("./es"),
  fr: () => import("./fr"),
  de: () => import("./de"),
  pt: () => import("./pt"),
  hi: () => import("./hi"),
  "hi-Latn": () => import("./hi-Latn"),
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

let words: Catalogue = {};
let locale = "en";

export function t(key: Key, params: Record<string, string | number> = {}): string {
  return fill(words[key] ?? en[key], params);
}

// "{count, one|many}" takes the first word for 1; "{name}" is the value itself.
export function fill(text: string, params: Record<string, string | number>): string {
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
  locale = choose(wish, navigator.languages);
  const catalogue = CATALOGUES[locale];
  words = catalogue ? (await catalogue()).default : {};
}

export function currentLocale(): string {
  return locale;
}
