// Conversations.
import { companion } from "./en/companion";
import { part } from "./index";

export const t = part(companion);
