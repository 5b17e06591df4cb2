import { expect, test } from "vitest";
import { nameOf, pieces, proposed, readable, stateOf, type Use, withUse } from "./uses";

function use(number: number, part: Partial<Use> = {}): Use {
  return {
    number,
    tool: "recent_moods",
    touches: "own_data",
    arguments: "{}",
    state: "waiting",
    result: "",
    at: 0,
    may_always: true,
    ...part,
  };
}

test("what is heard last of a use takes the place of what was heard before", () => {
  const first = withUse([], use(2));
  const both = withUse(first, use(1));
  expect(both.map(({ number }) => number)).toEqual([1, 2]);
  const later = withUse(both, use(2, { state: "done", result: "calm" }));
  expect(later.map(({ state }) => state)).toEqual(["waiting", "done"]);
});

test("a use stands where it was asked for, counted in bytes", () => {
  const [one, two] = [use(1, { at: 5 }), use(2, { at: 5 })];
  expect(pieces("Süß. Then.", [one])).toEqual([{ text: "Süß" }, { use: one }, { text: ". Then." }]);
  expect(pieces("Süß. Then.", [one, two]).length).toBe(4);
  expect(pieces("", [one])).toEqual([{ use: one }]);
  expect(pieces("Sü", [use(1, { at: 99 })]).at(0)).toEqual({ text: "Sü" });
  expect(pieces("Rain", [])).toEqual([{ text: "Rain" }]);
});

test("nothing goes on in an answer that has ended", () => {
  const states = ["waiting", "running", "done", "failed", "refused", "expired"] as const;
  const after = states.map((state) => stateOf(use(1, { state }), false));
  expect(after).toEqual(["expired", "failed", "done", "failed", "refused", "expired"]);
  expect(states.map((state) => stateOf(use(1, { state }), true))).toEqual(states);
});

test("the sentence to be remembered is shown as it would be kept", () => {
  const wish = use(1, { tool: "remember", arguments: '{"fact":"I keep bees."}' });
  expect(proposed(wish)).toBe("I keep bees.");
  for (const text of ["", "{", "7", "null", '{"fact":7}']) {
    expect(proposed({ ...wish, arguments: text })).toBeUndefined();
  }
  expect(proposed({ ...wish, tool: "sums__remember" })).toBeUndefined();
});

test("what a model wrote is made readable, or told as it is", () => {
  expect(readable('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(readable("{oh")).toBe("{oh");
});

test("a tool of another server has the names of both", () => {
  expect(nameOf("sums__add__all")).toEqual({ name: "add__all", server: "sums" });
  expect(nameOf("recent_moods")).toEqual({ name: "recent_moods", server: undefined });
});
