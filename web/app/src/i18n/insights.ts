// Moods in figures.
import { insights } from "./en/insights";
import { part } from "./index";

export const t = part(insights);
