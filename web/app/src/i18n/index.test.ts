import { describe, expect, test } from "vitest";
import openapi from "../../../../docs/openapi.json?raw";
import de from "./de";
import deLater from "./de/later";
import es from "./es";
import esLater from "./es/later";
import fr from "./fr";
import frLater from "./fr/later";
import hi from "./hi";
import hiLater from "./hi/later";
import hiLatn from "./hi-Latn";
import { choose, fill } from "./index";
import pt from "./pt";
import ptLater from "./pt/later";

// All of English, whichever page loads it.
const FILES = import.meta.glob<Record<string, Record<string, string>>>("./en/*.ts", {
  eager: true,
});
const wordsOf = (name: string) =>
  Object.assign({}, ...Object.values(FILES[`./en/${name}.ts`] ?? {})) as Record<string, string>;
const ENGLISH: Record<string, string> = Object.assign(
  {},
  ...Object.values(FILES).flatMap((file) => Object.values(file)),
);

const WHOLE: Record<string, Record<string, string>> = {
  de: { ...de, ...deLater },
  es: { ...es, ...esLater },
  fr: { ...fr, ...frLater },
  hi: { ...hi, ...hiLater },
  pt: { ...pt, ...ptLater },
};

// What a person meets between the first screen and the first check-in, and where it is about safety:
// these words come with the first load.
const COMPLETE = ["common", "crisis", "errors", "identity", "journal", "passkeys", "register"];
const BEYOND = /^(chat\.prompt\d$|plan\.|screening\.)/;

test("values and their plurals are filled in", () => {
  expect(fill("{count} {count, day|days}", { count: 1 })).toBe("1 day");
  expect(fill("{count} {count, day|days}", { count: 3 })).toBe("3 days");
  expect(fill("Hello {name}", { name: "{count}" })).toBe("Hello {count}");
  expect(fill("Hello {name}", {})).toBe("Hello {name}");
});

test("the language is the one asked for, then the browser's, then English", () => {
  expect(choose("fr", ["de-DE"])).toBe("fr");
  expect(choose("", ["xx", "de-AT", "fr"])).toBe("de");
  expect(choose("tlh", ["xx"])).toBe("en");
});

test("a word stands in one place only", () => {
  const all = Object.values(FILES).flatMap((file) => Object.values(file).flatMap(Object.keys));
  expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
});

test("errors are translated from what the server says", () => {
  for (const [key, text] of Object.entries({ ...wordsOf("errors"), ...wordsOf("errorsOfPages") })) {
    const said = `\`${key.slice("error.".length)}\`: ${text}`;
    expect(openapi.includes(JSON.stringify(said).slice(1, -1)), said).toBe(true);
  }
});

describe.each(Object.entries(WHOLE))("%s, with its later pages", (_, own) => {
  test("has every word that a person can see", () => {
    expect(Object.keys(ENGLISH).filter((key) => !own[key])).toEqual([]);
  });
});

describe.each(Object.entries({ de, es, fr, hi, hiLatn, pt }))(
  "the first load of %s",
  (_, first) => {
    const own: Record<string, string> = first;

    test("has every word from the first screen to the first check-in, and of help", () => {
      const wanted = [
        ...COMPLETE.flatMap((name) => Object.keys(wordsOf(name))),
        ...Object.keys(ENGLISH).filter((key) => BEYOND.test(key)),
      ];
      expect(wanted.filter((key) => !own[key])).toEqual([]);
    });
  },
);

describe.each(Object.entries({ ...WHOLE, hiLatn }))("%s", (_, own: Record<string, string>) => {
  test("has no word that English does not know", () => {
    expect(Object.keys(own).filter((key) => !(key in ENGLISH))).toEqual([]);
  });

  test("keeps the places for values", () => {
    const places = (text: string) => [...new Set(text.match(/\{\w+/g))].sort();
    for (const [key, text] of Object.entries(own)) {
      expect(places(text), key).toEqual(places(ENGLISH[key] ?? ""));
    }
  });
});
