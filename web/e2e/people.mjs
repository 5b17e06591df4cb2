// Accounts and entries made by the API, so that each test begins where it wants to.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";

export const PASSWORD = "five quiet herons stand still";
let count = 0;

// A new person, logged in in this context by its cookie.
export async function person(context, name = `robin${++count}`) {
  const answer = await context.request.post("/api/auth/register", {
    data: {
      username: name,
      display_name: "Robin",
      password: PASSWORD,
      cookie: true,
      consents: { terms: true, health_data: true },
    },
  });
  assert.equal(answer.status(), 201, await answer.text());
  const { csrf_token: csrf } = await answer.json();
  return { name, csrf };
}

export async function write(context, csrf, entry) {
  const answer = await context.request.post("/api/journal/entries", {
    data: entry,
    headers: { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" },
  });
  assert.equal(answer.status(), 201, await answer.text());
  return answer.json();
}

// Some months of a life, the same each time.
export async function history(context, csrf, days = 70) {
  const words = ["A walk by the river", "Long day at work", "Slept badly", "Dinner with friends"];
  const tags = ["outside", "work", "sleep", "friends"];
  const moods = ["calm", "tired", "anxious", "grateful"];
  for (let day = 1; day <= days; day += day % 9 === 0 ? 3 : 1) {
    const kind = (day * 7) % 4;
    const scale = Math.max(-5, Math.min(5, Math.round(3 * Math.sin(day / 6) + (kind - 1.5))));
    await write(context, csrf, {
      title: words[kind],
      content: "What was said and done, and how it felt in the evening.",
      occurred_at: new Date(Date.now() - day * 86_400_000).toISOString(),
      scale,
      mood: moods[kind],
      tags: [tags[kind]],
    });
  }
}

// An authenticator app for this person; gives back the recovery codes.
export async function secondFactor(context, csrf, more = {}) {
  const headers = { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" };
  const made = await context.request.post("/api/auth/factors/totp", { headers });
  assert.equal(made.status(), 200, await made.text());
  const code = totp((await made.json()).secret);
  const data = { code, ...more };
  const confirmed = await context.request.post("/api/auth/factors/totp/confirm", { headers, data });
  assert.equal(confirmed.status(), 200, await confirmed.text());
  return (await confirmed.json()).recovery_codes;
}

// RFC 6238 with SHA-1, six digits and half a minute.
export function totp(secret) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[^A-Z2-7]/g, "")]
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, "0"))
    .join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = digest[19] & 0xf;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

// The one who set this program up: made once, and logged in again by every later test.
export function keeper(program) {
  let made = false;
  return async (context) => {
    const login = { login: "keeper", password: PASSWORD, cookie: true };
    const registration = {
      username: "keeper",
      password: PASSWORD,
      cookie: true,
      setup_code: decodeURIComponent(new URL(program().setupUrl).hash.slice(1)),
      consents: { terms: true, health_data: true },
    };
    const answer = made
      ? await context.request.post("/api/auth/login", { data: login })
      : await context.request.post("/api/auth/register", { data: registration });
    assert.ok(answer.ok(), await answer.text());
    made = true;
    return (await answer.json()).csrf_token;
  };
}

export const sent = (csrf) => ({ "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" });

// Somebody with this role, logged in here with two factors.
export async function withRole(context, role, admin) {
  const { name, csrf } = await person(context);
  const codes = await secondFactor(context, csrf);
  const id = await whoIs(context);
  const changed = await admin.request.patch(`/api/admin/users/${id}`, {
    headers: sent(admin.csrf),
    data: { roles: ["user", role] },
  });
  assert.equal(changed.status(), 200, await changed.text());
  const login = { login: name, password: PASSWORD, cookie: true };
  const first = await context.request.post("/api/auth/login", { data: login });
  const data = { ticket: (await first.json()).ticket, code: codes[0] };
  const second = await context.request.post("/api/auth/login/factor", { data });
  assert.equal(second.status(), 200, await second.text());
  return { name, id, csrf: (await second.json()).csrf_token, codes: codes.slice(1) };
}

export async function whoIs(context) {
  const me = await (await context.request.get("/api/auth/me")).json();
  return me.user.id;
}
