// Nobody who grew up with the language has read this yet.
import { care } from "./de/care";
import { first } from "./de/first";
import { help } from "./de/help";

export default { ...help, ...first, ...care };
