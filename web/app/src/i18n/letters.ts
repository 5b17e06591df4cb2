// Where links in letters lead.
import { register } from "./en/register";
import { security } from "./en/security";
import { part } from "./index";

export const t = part({ ...register, ...security });
