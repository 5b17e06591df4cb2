// The stable names of the library as words.

import { skillWords } from "../../../i18n/en/skillWords";
import { t } from "../../../i18n/wellbeing";

const known = (key: string): key is keyof typeof skillWords => key in skillWords;

function word(group: "family" | "situation" | "careful", name: string): string {
  const key = `${group}.${name}`;
  return known(key) ? t(key) : name.replace(/_/g, " ");
}

export const familyWord = (name: string) => word("family", name);
export const situationWord = (name: string) => word("situation", name);
export const cautionWord = (name: string) => word("careful", name);
