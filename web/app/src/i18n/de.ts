// Nobody who grew up with the language has read this yet.
import { first } from "./de/first";
import { help } from "./de/help";

export default { ...help, ...first };
