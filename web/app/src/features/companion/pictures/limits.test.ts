import { expect, test } from "vitest";
import { fitted, MOST, within } from "./limits";

const picture = (size: number) => ({ blob: { size } });
const MIB = 1024 * 1024;

test("a picture is made smaller to its longest side and never larger", () => {
  expect(fitted(3136, 1568)).toEqual({ width: 1568, height: 784 });
  expect(fitted(1000, 4000)).toEqual({ width: 392, height: 1568 });
  expect(fitted(640, 480)).toEqual({ width: 640, height: 480 });
});

test("a picture that is nearly a line keeps a side to be drawn on", () => {
  expect(fitted(100_000, 1)).toEqual({ width: 1568, height: 1 });
  expect(fitted(0, 0)).toEqual({ width: 1, height: 1 });
});

test("a message takes four pictures and says of a fifth that it is too many", () => {
  const four = Array.from({ length: MOST }, () => picture(1));
  expect(within(four)).toEqual({ taken: four });
  expect(within([...four, picture(1)])).toEqual({ taken: four, refusal: "picture.tooMany" });
});

test("pictures have a bound in bytes together, which they may just reach", () => {
  const both = [picture(4 * MIB), picture(2 * MIB)];
  expect(within(both)).toEqual({ taken: both });
  expect(within([...both, picture(1)])).toEqual({ taken: both, refusal: "picture.tooLarge" });
  expect(within([])).toEqual({ taken: [] });
});
