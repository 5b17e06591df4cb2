// Numbers to call, with where each is from. Only widely known ones are here; the local emergency
// number of a country that is not listed is asked for in words.

export interface Line {
  number: string;
  name: "emergency" | "suicide" | "listening";
  source: string;
}

export interface Place {
  code: string;
  lines: readonly Line[];
}

// Widely known numbers. Each source is where a number can be checked: none was called, and no page
// was opened for it, when this list was made.
const EU_112: Line = { number: "112", name: "emergency", source: "Directive (EU) 2018/1972" };
const US_911: Line = { number: "911", name: "emergency", source: "fcc.gov" };
const US_988: Line = { number: "988", name: "suicide", source: "988lifeline.org" };
const CA_988: Line = { number: "988", name: "suicide", source: "988.ca" };
const UK_116123: Line = { number: "116 123", name: "listening", source: "samaritans.org" };

const EU = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(
  " ",
);

export const PLACES: readonly Place[] = [
  { code: "US", lines: [US_988, US_911] },
  { code: "CA", lines: [CA_988, US_911] },
  { code: "GB", lines: [UK_116123, { ...EU_112, source: "gov.uk" }] },
  { code: "IE", lines: [UK_116123, EU_112] },
  ...EU.filter((code) => code !== "IE").map((code) => ({ code, lines: [EU_112] })),
];

// The place asked for, or that of the first language of the browser that names one we know.
export function placeFor(wish: string, languages: readonly string[]): Place | undefined {
  const regions = languages.map((tag) => tag.split("-")[1]?.toUpperCase());
  return [wish, ...regions]
    .map((code) => PLACES.find((place) => place.code === code))
    .find((place) => place !== undefined);
}

export const dial = (number: string): string => `tel:${number.replace(/\s/g, "")}`;
