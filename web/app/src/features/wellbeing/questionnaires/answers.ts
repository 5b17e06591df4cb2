// What is asked, what was answered, and what an answer calls for, as crates/care says it. Points are
// counted by the server and nowhere else.
import all, { type Questionnaire as Source } from "virtual:questionnaires";
import { careLanguage, careWords } from "../lang";

// Its questions are in `language`, what we say about it is in `said`.
export interface Questionnaire extends Source {
  said: string;
}

export type Answers = Record<string, number>;
export type Item = Questionnaire["items"][number];

// Short ones first: whoever is tired begins with two questions and not with twenty.
export function questionnaires(locale: string): readonly Questionnaire[] {
  return [...all]
    .sort((a, b) => group(a.id) - group(b.id) || a.items.length - b.items.length)
    .map((one) => inLanguage(one, locale));
}

function group(id: string): number {
  const order = ["phq", "gad", "ces", "pc-", "pcl", "asq"];
  return order.findIndex((start) => id.startsWith(start));
}

export function questionnaireOf(id: string, locale: string): Questionnaire | undefined {
  const found = all.find((one) => one.id === id);
  return found && inLanguage(found, locale);
}

function inLanguage(of: Source, locale: string): Questionnaire {
  const words = careWords(locale)?.questionnaires[of.id];
  if (!words) return { ...of, said: "en" };
  const { about, notice, wording } = words;
  const bands = of.bands.map((band, at) => ({ ...band, text: words.bands[at] ?? band.text }));
  const said = careLanguage(locale);
  const own = { ...of, about, notice, bands, said };
  if (!wording) return own;
  return {
    ...own,
    language: said,
    instruction: wording.instruction,
    source: `${of.source} ${wording.source}`,
    choices: of.choices.map((one, at) => ({ ...one, text: wording.choices[at] ?? one.text })),
    items: of.items.map((one, at) => ({ ...one, text: wording.items[at] ?? one.text })),
  };
}

// Some questions are only asked after a yes to another one.
export function asked(of: Questionnaire, answers: Answers): Item[] {
  return of.items.filter(
    ({ only_if = [] }) => only_if.length === 0 || only_if.some((id) => (answers[id] ?? 0) > 0),
  );
}

// With this answer, and without those to questions that are not asked any more.
export function withAnswer(of: Questionnaire, before: Answers, id: string, value: number): Answers {
  const answers = { ...before, [id]: value };
  const left = new Set(asked(of, answers).map((item) => item.id));
  return Object.fromEntries(Object.entries(answers).filter(([name]) => left.has(name)));
}

export function unanswered(of: Questionnaire, answers: Answers): Item[] {
  return asked(of, answers).filter((item) => answers[item.id] === undefined);
}

// An answer that asks for help by itself, whatever the rest says. Nobody waits for the last question.
export function callsForHelp(
  of: Questionnaire,
  answers: Answers,
): "imminent" | "crisis" | undefined {
  const raised = of.flags.filter(({ item, from }) => (answers[item] ?? -1) >= from);
  if (raised.some(({ urgency }) => urgency === "imminent")) return "imminent";
  return raised.length > 0 ? "crisis" : undefined;
}

export function highest(of: Questionnaire): number {
  const scored = of.items.filter((item) => !item.unscored).length;
  return scored * Math.max(...of.choices.map((choice) => choice.points ?? choice.value));
}
