// Nobody who grew up with the language has read this yet.
import { care } from "./fr/care";
import { elsewhere } from "./fr/elsewhere";
import { first } from "./fr/first";
import { help } from "./fr/help";

export default { ...help, ...first, ...care, ...elsewhere };
