// What web/tools/care.mjs makes of the data of crates/care.
declare module "virtual:skills" {
  export interface SkillField {
    id: string;
    label: string;
    kind: "text" | "scale";
  }

  export interface Skill {
    id: string;
    family: string;
    title: string;
    purpose: string;
    moods: string[];
    situations: string[];
    minutes: number;
    difficulty: "easy" | "medium" | "hard";
    cautions?: string[];
    caution?: string;
    evidence: string;
    steps: string[];
    seconds?: number[];
    fields?: SkillField[];
  }

  const all: Skill[];
  export default all;
}

declare module "virtual:questionnaires" {
  export interface Questionnaire {
    id: string;
    version: number;
    title: string;
    about: string;
    language: string;
    instruction: string;
    attribution: string;
    source: string;
    choices: { value: number; text: string; points?: number }[];
    items: { id: string; text: string; unscored?: boolean; only_if?: string[] }[];
    bands: { from: number; to: number; name: string; text: string }[];
    flags: { item: string; from: number; urgency: "crisis" | "imminent" }[];
    positive_from: number;
    reliable_change?: { points: number; source: string };
    notice: string;
  }

  const all: Questionnaire[];
  export default all;
}

declare module "virtual:forms" {
  export interface Mark {
    id: string;
    label: string;
    crisis_from?: number;
    show_help_from?: number;
  }

  export interface Section {
    id: string;
    title: string;
    help: string;
    kind: "text" | "items" | "contacts" | "marks" | "skills" | "links";
    required?: boolean;
    scale_to?: number;
    marks?: Mark[];
    examples?: string[];
  }

  export interface Form {
    id: string;
    version: number;
    title: string;
    about: string;
    sections: Section[];
  }

  const all: Form[];
  export default all;
}

// The words of a language, each by the id of what they are about.
declare module "virtual:care/*" {
  const words: import("./lang").CareWords;
  export default words;
}
