import { account } from "./account";
import { desk } from "./desk";
import { kept } from "./kept";
import { life } from "./life";
import { talk } from "./talk";
import { tools } from "./tools";

export default { ...account, ...desk, ...kept, ...life, ...talk, ...tools };
