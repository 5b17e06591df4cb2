// What crates/care says in other languages: read beside the first page that shows it. What is not
// there in a language is shown in English.

interface SkillWords {
  title: string;
  purpose: string;
  steps: string[];
  caution?: string;
  fields?: string[];
  evidence: string;
}

interface QuestionnaireWords {
  about: string;
  notice: string;
  bands: string[];
  // Only where there is an official one.
  wording?: { source: string; instruction: string; choices: string[]; items: string[] };
}

export interface FormWords {
  title: string;
  about: string;
  sections: Record<string, [title: string, help: string]>;
  examples?: Record<string, string[]>;
  marks?: Record<string, Record<string, string>>;
}

export interface CareWords {
  skills: Record<string, SkillWords>;
  questionnaires: Record<string, QuestionnaireWords>;
  forms: Record<string, FormWords>;
}

const FILES: Record<string, () => Promise<{ default: CareWords }>> = {
  de: () => import("virtual:care/de"),
  es: () => import("virtual:care/es"),
  fr: () => import("virtual:care/fr"),
  pt: () => import("virtual:care/pt"),
  "hi-latn": () => import("virtual:care/hi-latn"),
};

const read = new Map<string, CareWords>();

// The languages that crates/care has words in; Hindi is there in Latin letters.
export function careLanguage(locale: string): string {
  const first = locale.toLowerCase().split("-")[0] ?? "en";
  return first === "hi" ? "hi-latn" : first;
}

export async function readCareWords(locale: string): Promise<void> {
  const language = careLanguage(locale);
  if (read.has(language)) return;
  try {
    const found = await FILES[language]?.();
    if (found) read.set(language, found.default);
  } catch {
    // A page in English is better than none; the next one tries again.
  }
}

export function careWords(locale: string): CareWords | undefined {
  return read.get(careLanguage(locale));
}
