// Conversations.
import { companion } from "./en/companion";
import { tools } from "./en/tools";
import { part } from "./index";

export const t = part({ ...companion, ...tools });
