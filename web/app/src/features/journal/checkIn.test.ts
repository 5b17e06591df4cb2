import { expect, test } from "vitest";
import { urgent } from "./checkIn";
import { moments } from "./moments";

test("urges call for help from the same strength on as the diary card says", () => {
  expect(urgent({})).toBeUndefined();
  expect(urgent({ eating: 10, suicide: 0 })).toBeUndefined();
  expect(urgent({ suicide: 1 })).toEqual({ urge: "suicide", alert: false });
  expect(urgent({ suicide: 5, "self-harm": 7 })?.alert).toBe(false);
  expect(urgent({ suicide: 6 })?.alert).toBe(true);
  expect(urgent({ suicide: 1, "self-harm": 8 })).toEqual({ urge: "self-harm", alert: true });
});

test("entries and check-ins are one line of moments, newest first", () => {
  const entry = { id: "e", occurred_at: "2026-11-21T10:00:00Z" } as never;
  const checkIn = (id: string, occurred_at: string) =>
    ({ id, occurred_at, emotions: [], urges: [], factors: [], note: "" }) as never;
  const found = moments(
    [entry],
    [checkIn("new", "2026-11-21T11:00:00Z"), checkIn("old", "2026-11-20T23:00:00Z")],
  );
  expect(found.map(({ kind, at }) => `${kind} ${at.slice(8, 13)}`)).toEqual([
    "check-in 21T11",
    "entry 21T10",
    "check-in 20T23",
  ]);
});
