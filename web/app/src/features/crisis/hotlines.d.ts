// What web/tools/hotlines.mjs makes of the lists of crates/care.
declare module "virtual:emergency-numbers" {
  const numbers: Record<string, string[]>;
  export default numbers;
}

declare module "virtual:crisis-lines" {
  export type Need = "everyone" | "youth" | "violence" | "lgbtq" | "veterans";

  export interface Line {
    id: string;
    name: string;
    needs: Need[];
    call?: string;
    text?: string;
    keyword?: string;
    whatsapp?: string;
    chat?: string;
    note?: string;
    hours: string;
    languages: string[];
    source: string;
    checked: string;
    sure: boolean;
  }

  export interface Directory {
    name: string;
    url: string;
    about: string;
  }

  const all: { lines: Record<string, Line[]>; directories: Directory[] };
  export default all;
}
