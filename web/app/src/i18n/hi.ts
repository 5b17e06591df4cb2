// Nobody who grew up with the language has read this yet.
import { care } from "./hi/care";
import { elsewhere } from "./hi/elsewhere";
import { first } from "./hi/first";
import { help } from "./hi/help";

export default { ...help, ...first, ...care, ...elsewhere };
