// Nobody who grew up with the language has read this yet.
import { care } from "./hi-Latn/care";
import { elsewhere } from "./hi-Latn/elsewhere";
import { first } from "./hi-Latn/first";
import { help } from "./hi-Latn/help";

export default { ...help, ...first, ...care, ...elsewhere };
