// The account: who one is here, how it is guarded, what can be taken along.
import { account } from "./en/account";
import { passkeys } from "./en/passkeys";
import { privacy } from "./en/privacy";
import { register } from "./en/register";
import { security } from "./en/security";
import { usage } from "./en/usage";
import { part } from "./index";

export const t = part({ ...account, ...passkeys, ...privacy, ...register, ...security, ...usage });

export type Key = Parameters<typeof t>[0];
