// Asking for a human.
import { human } from "./en/human";
import { part } from "./index";

export const t = part(human);
