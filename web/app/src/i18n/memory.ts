// What the companion remembers.
import { memory } from "./en/memory";
import { part } from "./index";

export const t = part(memory);
