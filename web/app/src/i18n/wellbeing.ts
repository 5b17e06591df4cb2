// Care: exercises, questionnaires, plan, diary card and chains.
import { skillWords } from "./en/skillWords";
import { wellbeing } from "./en/wellbeing";
import { part } from "./index";

export const t = part({ ...skillWords, ...wellbeing });

export type Word = Parameters<typeof t>[0];
