// Tools of other servers; what holds for providers too is said in the same words.
import { mcp } from "./en/mcp";
import { providers } from "./en/providers";
import { part } from "./index";

export const t = part({ ...mcp, ...providers });
