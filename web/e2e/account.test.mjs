// The account: who one is here, how it is guarded, and what can be taken along.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { PASSWORD, person, secondFactor, totp, write } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen, program, browser } = screens();

screen(
  "a second factor is set up, kept on paper, asked for, and given up",
  async (page, context) => {
    const { name } = await person(context);
    await page.goto("/account");
    await look(page, "account");
    await page.getByRole("link", { name: "Security" }).click();
    await page.getByText("Log-in", { exact: true }).waitFor();
    await look(page, "security");
    await page.getByRole("button", { name: "Set up an app" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("img", { name: /A code to scan/ }).waitFor();
    await look(page, "factor");
    await sheet.getByText("Or type it by hand").click();
    const secret = await sheet.locator(".font-mono").textContent();
    await sheet.getByLabel("Six digits").fill("000000");
    await sheet.getByRole("button", { name: "Turn it on" }).click();
    await sheet.getByRole("alert").waitFor();
    await sheet.getByLabel("Six digits").fill(totp(secret));
    await sheet.getByRole("button", { name: "Turn it on" }).click();
    await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
    await look(page, "recovery-codes");
    const codes = await page.getByRole("dialog").getByRole("listitem").allTextContents();
    assert.equal(codes.length, 10);
    await page.getByRole("button", { name: "I have kept them" }).click();
    await page.getByText(/An authenticator app since/).waitFor();
    await page.getByText("10 recovery codes are left").waitFor();

    await page.getByRole("button", { name: "Log out", exact: true }).first().click();
    await heading(page, "Welcome back");
    await page.getByLabel("Username or e-mail address").fill(name);
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByLabel("Code").fill(codes[0]);
    await page.getByRole("button", { name: "Log in" }).click();
    await heading(page, "Robin");
    await page.getByText("9 recovery codes are left").waitFor();
    await page.getByRole("button", { name: "Do without the app" }).click();
    await page.getByRole("dialog").getByLabel("Or a recovery code").fill(codes[1]);
    await page.getByRole("dialog").getByRole("button", { name: "Do without the app" }).click();
    await page.getByRole("button", { name: "Set up an app" }).waitFor();
  },
);

screen("what matters asks again who it is, and then is done", async (page, context) => {
  const { name } = await person(context);
  // The factor comes from another device, so that the log-in here is one of a password alone.
  const elsewhere = await browser().newContext({ baseURL: program().url });
  const login = { login: name, password: PASSWORD, cookie: true };
  const answer = await elsewhere.request.post("/api/auth/login", { data: login });
  const { csrf_token: csrf } = await answer.json();
  const codes = await secondFactor(elsewhere, csrf, { keep_other_sessions: true });
  await elsewhere.close();
  await page.goto("/account/security");
  await page.getByRole("button", { name: "New recovery codes" }).click();
  const asked = page.getByRole("dialog", { name: "Is it you?" });
  await asked.getByLabel("Code").fill("000000");
  await asked.getByRole("button", { name: "Go on" }).click();
  await asked.getByRole("alert").waitFor();
  await look(page, "step-up");
  await asked.getByLabel("Code").fill(codes[0]);
  await asked.getByRole("button", { name: "Go on" }).click();
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
});

screen("the password is changed, and other devices are logged out", async (page, context) => {
  const { name } = await person(context);
  const elsewhere = await browser().newContext({ baseURL: program().url });
  const login = { login: name, password: PASSWORD, cookie: true };
  assert.equal((await elsewhere.request.post("/api/auth/login", { data: login })).status(), 200);
  await page.goto("/account/security");
  await page.getByLabel("Your password now").fill("not the password");
  await page.getByLabel("A new password").fill("six loud herons fly away");
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Your password now").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByText("Changed. Your other devices are logged out.").waitFor();
  assert.equal((await elsewhere.request.get("/api/auth/me")).status(), 401);
  await elsewhere.close();
});

screen("a person is called what they want, and takes everything along", async (page, context) => {
  const { csrf } = await person(context);
  await write(context, csrf, { title: "Plan", content: "a walk" });
  const headers = { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" };
  const data = { content: "Rain on the roof" };
  assert.equal((await context.request.post("/api/chat/stream", { headers, data })).status(), 200);
  await page.goto("/account");
  await page.getByLabel("What should we call you?").fill("Kim");
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Kim");
  await page.getByRole("link", { name: "Your data" }).click();
  await page.getByText("What you agreed to").waitFor();
  await look(page, "your-data");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save everything" }).click(),
  ]);
  const all = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.equal(all.profile.display_name, "Kim");
  assert.equal(all.journal.entries[0].title, "Plan");
  assert.equal(all.conversations[0].messages[0].content, "Rain on the roof");
  assert.ok(
    all.activity.length > 0 && all.devices.length === 1 && all.consents.consents.length > 0,
  );
});

screen("links of letters lead somewhere, and one that is not good says so", async (page) => {
  await page.goto("/login");
  await page.getByRole("link", { name: "Forgot your password?" }).click();
  await heading(page, "Forgot your password?");
  await look(page, "forgot");
  await page.getByLabel("E-mail address").fill("nobody@example.org");
  await page.getByRole("button", { name: "Send me a letter" }).click();
  await page.getByText(/a letter is on its way/).waitFor();
  await page.goto("/reset-password#not-a-token");
  await heading(page, "Choose a new password");
  assert.equal(new URL(page.url()).hash, "", "the token stayed in the address");
  await page.getByLabel("A new password").fill(PASSWORD);
  await page.getByRole("button", { name: "Change the password" }).click();
  await page.getByRole("alert").waitFor();
  await page.goto("/verify-email#not-a-token");
  await page.getByRole("alert").waitFor();
});
