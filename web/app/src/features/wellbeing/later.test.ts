import "fake-indexeddb/auto";
import { ApiFailure } from "@salus/api-client";
import { beforeEach, expect, test, vi } from "vitest";
import * as sealed from "../../lib/sealed";
import type { Filled } from "./api";
import { begunNames } from "./drafts";
import { keepChange, sendWaiting, waitingChange } from "./later";

const put = vi.hoisted(() => vi.fn());
vi.mock("../../lib/api", () => ({ api: { PUT: put } }));
vi.mock("../crisis/whereabouts", () => ({ whereabouts: () => ({}) }));

const OFFLINE = new ApiFailure(0, "OFFLINE", "There is no connection to the server.");
const STALE = new ApiFailure(412, "VERSION_STALE", "Somebody changed this since you read it.");

const base = { id: "plan-1", version: 3, entry: {}, kind: "safety-plan" } as unknown as Filled;
const written = (text: string) => ({
  base,
  body: { kind: "safety-plan", entry: { reasons: { items: [text] } } },
  draftName: "form/safety-plan",
});

beforeEach(async () => {
  put.mockReset();
  for (const name of await sealed.names("ann", "")) await sealed.remove("ann", name);
});

test("a change without a connection waits, the newest of several, and goes with its version", async () => {
  put.mockRejectedValue(OFFLINE);
  expect(await keepChange("ann", written("The sea"))).toBeUndefined();
  expect(await keepChange("ann", written("The sea, my cat"))).toBeUndefined();
  expect(await sendWaiting("ann")).toBe(0);
  expect((await waitingChange("ann", base))?.body.entry).toEqual(
    written("The sea, my cat").body.entry,
  );
  put.mockReset().mockResolvedValue({ data: { ...base, version: 4 } });
  expect(await sendWaiting("ann")).toBe(1);
  expect(put).toHaveBeenCalledTimes(1);
  const [path, { params, body }] = put.mock.calls[0] ?? [];
  expect(path).toBe("/api/wellbeing/forms/{id}");
  expect(params.header).toEqual({ "If-Match": '"v3"' });
  expect(body.entry).toEqual(written("The sea, my cat").body.entry);
  expect(await sealed.names("ann", "later/")).toEqual([]);
});

test("where the server has another version by then, what waited is kept as a draft", async () => {
  put.mockRejectedValue(OFFLINE);
  await keepChange("ann", written("The sea"));
  put.mockReset().mockRejectedValue(STALE);
  expect(await sendWaiting("ann")).toBe(1);
  expect(await sealed.names("ann", "later/")).toEqual([]);
  expect(await begunNames("ann", "safety-plan")).toEqual([""]);
  expect(await sealed.get("ann", "begun/form/safety-plan")).toEqual({
    entry: written("The sea").body.entry,
    base,
    clash: true,
  });
});

test("what the server refuses for another reason stays", async () => {
  put.mockRejectedValue(OFFLINE);
  await keepChange("ann", written("The sea"));
  put.mockReset().mockRejectedValue(new ApiFailure(503, "UNAVAILABLE", "Later, please."));
  expect(await sendWaiting("ann")).toBe(0);
  expect(await waitingChange("ann", base)).toBeDefined();
});

test("a change that is kept at once takes an older one that waited along", async () => {
  put.mockRejectedValueOnce(OFFLINE);
  await keepChange("ann", written("The sea"));
  put.mockResolvedValueOnce({ data: { ...base, version: 4 } });
  expect(await keepChange("ann", written("My cat"))).toMatchObject({ version: 4 });
  expect(await sendWaiting("ann")).toBe(0);
});
