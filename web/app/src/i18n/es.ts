// Nobody who grew up with the language has read this yet.
import { care } from "./es/care";
import { elsewhere } from "./es/elsewhere";
import { first } from "./es/first";
import { help } from "./es/help";

export default { ...help, ...first, ...care, ...elsewhere };
