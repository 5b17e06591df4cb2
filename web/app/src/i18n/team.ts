// The desk of the crisis team.
import { emergency } from "./en/emergency";
import { team } from "./en/team";
import { part } from "./index";

export const t = part({ ...emergency, ...team });
