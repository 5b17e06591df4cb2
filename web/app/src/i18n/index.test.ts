import { describe, expect, test } from "vitest";
import de from "./de";
import { crisis as crisisWords } from "./en/crisis";
import es from "./es";
import fr from "./fr";
import hi from "./hi";
import hiLatn from "./hi-Latn";
import { choose, fill, type Key, t } from "./index";
import pt from "./pt";

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

describe.each(Object.entries({ de, es, fr, hi, hiLatn, pt }))("%s", (_, catalogue) => {
  test("has every word of the help page and of what is said in danger", () => {
    const crisis = (Object.keys(crisisWords) as Key[]).filter((key) =>
      /^(crisis|breath|safety)\./.test(key),
    );
    for (const key of crisis) expect(catalogue[key], key).toBeTruthy();
  });

  test("keeps the places for values", () => {
    const places = (text: string) => (text.match(/\{\w+/g) ?? []).sort();
    for (const [key, text] of Object.entries(catalogue)) {
      expect(places(text), key).toEqual(places(t(key as Key)));
    }
  });
});
