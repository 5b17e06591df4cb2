// Looking after the server.
import { admin } from "./en/admin";
import { companion } from "./en/companion";
import { lines } from "./en/lines";
import { providers } from "./en/providers";
import { usage } from "./en/usage";
import { part } from "./index";

export const t = part({ ...admin, ...companion, ...lines, ...providers, ...usage });
