import { createApi, data, failureOf, isExpiry } from "@salus/api-client";
import { expect, test, vi } from "vitest";
import { parsePrefs } from "../../lib/prefs";
import { nameFields, strength } from "./login";

test("a name with an @ is an e-mail address", () => {
  expect(nameFields(" a@b.example ")).toEqual({ email: "a@b.example" });
  expect(nameFields("ann")).toEqual({ username: "ann" });
});

test("length is what makes a password strong", () => {
  expect(strength("short")).toBe("short");
  expect(strength("long enough")).toBe("fair");
  expect(strength("long enough and longer")).toBe("good");
});

test("any answer becomes a failure with words", async () => {
  const body = { code: "RATE_LIMITED", message: "Too many requests.", request_id: "1" };
  const limited = new Response(JSON.stringify(body), {
    status: 429,
    headers: { "Retry-After": "7" },
  });
  expect(await failureOf(limited)).toMatchObject({ code: "RATE_LIMITED", retryAfter: 7 });
  const broken = await failureOf(new Response("<html>", { status: 502 }));
  expect(broken).toMatchObject({ status: 502, code: "HTTP_502" });
});

test("a wrong password is no expired log-in", async () => {
  const of = (code: string) =>
    failureOf(new Response(JSON.stringify({ code, message: "m" }), { status: 401 }));
  expect(isExpiry(await of("SESSION_EXPIRED"))).toBe(true);
  expect(isExpiry(await of("LOGIN_FAILED"))).toBe(false);
});

test("settings that cannot be read are the usual ones", () => {
  expect(parsePrefs("{").theme).toBe("system");
  expect(parsePrefs('{"theme":7,"unknown":1,"discreet":true}')).toMatchObject({
    theme: "system",
    discreet: true,
  });
  expect(parsePrefs('{"unknown":1}')).not.toHaveProperty("unknown");
});

test("what was asked for is done once the person has shown who they are", async () => {
  const codes: string[] = [];
  const answers = [
    new Response('{"code":"STEP_UP_REQUIRED","message":"m"}', { status: 401 }),
    new Response('{"done":true}', { headers: { "Content-Type": "application/json" } }),
  ];
  vi.stubGlobal("fetch", async (request: Request) => {
    codes.push(`${request.method} ${await request.text()}`);
    return answers.shift();
  });
  const ask = vi.fn(async () => true);
  const options = { csrfToken: () => "t", onExpired: () => undefined, onStepUp: ask };
  const api = createApi({ ...options, baseUrl: "https://salus.test/" });
  const body = { current_password: "a", new_password: "b" };
  await data(api.POST("/api/auth/password", { body }));
  expect(ask).toHaveBeenCalledTimes(1);
  expect(codes[1]).toBe(codes[0]);
  vi.unstubAllGlobals();
});
