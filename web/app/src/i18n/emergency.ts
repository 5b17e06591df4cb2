// Emergency cards and access.
import { emergency } from "./en/emergency";
import { part } from "./index";

export const t = part(emergency);
