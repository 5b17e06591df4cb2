// Nobody who grew up with the language has read this yet.
import { care } from "./pt/care";
import { elsewhere } from "./pt/elsewhere";
import { first } from "./pt/first";
import { help } from "./pt/help";

export default { ...help, ...first, ...care, ...elsewhere };
