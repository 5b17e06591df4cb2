// How a person wants Salus to look and behave on this device. Nothing here is health data.
import { useSyncExternalStore } from "react";

export interface Prefs {
  theme: "system" | "light" | "dark";
  contrast: "system" | "more";
  motion: "system" | "less";
  discreet: boolean;
  helpKey: boolean;
  locale: string;
  lockAfter: number;
  tools: boolean;
}

const DEFAULTS: Prefs = {
  theme: "system",
  contrast: "system",
  motion: "system",
  discreet: false,
  helpKey: true,
  locale: "",
  lockAfter: 5,
  tools: false,
};

const KEY = "salus.prefs";
const listeners = new Set<() => void>();
let current = parsePrefs(read());

export function parsePrefs(text: string | null): Prefs {
  try {
    const found: unknown = JSON.parse(text ?? "{}");
    if (!found || typeof found !== "object") return DEFAULTS;
    const known = Object.entries(found).filter(
      ([key, value]) => key in DEFAULTS && typeof value === typeof DEFAULTS[key as keyof Prefs],
    );
    return { ...DEFAULTS, ...Object.fromEntries(known) };
  } catch {
    return DEFAULTS;
  }
}

function read(): string | null {
  return typeof localStorage === "undefined" ? null : localStorage.getItem(KEY);
}

export function setPrefs(change: Partial<Prefs>): void {
  current = { ...current, ...change };
  localStorage.setItem(KEY, JSON.stringify(current));
  applyPrefs();
  for (const listener of listeners) listener();
}

export function getPrefs(): Prefs {
  return current;
}

// Brings the page in line; public/start.js does the same before the first paint.
export function applyPrefs(): void {
  const root = document.documentElement;
  set(root, "theme", current.theme === "system" ? "" : current.theme);
  set(root, "contrast", wantsContrast() ? "more" : "");
  set(root, "motion", current.motion === "less" ? "less" : "");
  const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (icon) icon.href = current.discreet ? "/icon-neutral.svg" : "/icon.svg";
}

function wantsContrast(): boolean {
  return current.contrast === "more" || matchMedia("(prefers-contrast: more)").matches;
}

function set(root: HTMLElement, name: string, value: string): void {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
}

export function usePrefs(): Prefs {
  return useSyncExternalStore(subscribe, getPrefs);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
