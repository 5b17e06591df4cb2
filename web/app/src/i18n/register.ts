// A new account.
import { register } from "./en/register";
import { part } from "./index";

export const t = part(register);
