import { currentLocale } from "../../i18n";
import { currentCountry } from "./resources";

// Where the person is and what they speak, as far as this device knows, so that help is that of the
// place. It is asked for by nobody else and kept nowhere.
export function whereabouts() {
  const country = currentCountry();
  return { language: currentLocale(), ...(country && { country }) };
}
