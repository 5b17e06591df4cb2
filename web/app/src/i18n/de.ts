// Nobody who grew up with the language has read this yet.
import { care } from "./de/care";
import { elsewhere } from "./de/elsewhere";
import { first } from "./de/first";
import { help } from "./de/help";

export default { ...help, ...first, ...care, ...elsewhere };
