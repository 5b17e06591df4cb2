import { expect, test } from "vitest";
import { dial, PLACES, placeFor } from "./resources";

test("the place is the one chosen, else that of the browser's languages", () => {
  expect(placeFor("IE", ["en-US"])?.code).toBe("IE");
  expect(placeFor("", ["en", "de-DE"])?.code).toBe("DE");
  expect(placeFor("", ["xx"])).toBeUndefined();
});

test("every number can be dialled and says where it is from", () => {
  for (const line of PLACES.flatMap((place) => place.lines)) {
    expect(dial(line.number)).toMatch(/^tel:\d{3,}$/);
    expect(line.source).toBeTruthy();
  }
});
