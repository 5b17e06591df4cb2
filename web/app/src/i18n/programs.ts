// Programs of the person.
import { programs } from "./en/programs";
import { part } from "./index";

export const t = part(programs);
