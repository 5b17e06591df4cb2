// Logging in by a provider (OpenID Connect): one that was certified, its own pages, and ours.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { person } from "./people.mjs";
import { look, openPage, startBrowser, startProgram } from "./program.mjs";
import { CLIENT, logInThere, logOutThere, SECRET, startProvider } from "./provider.mjs";

const heading = (page, name) => page.getByRole("heading", { name, level: 1 }).waitFor();

let provider;
let program;
let plain;
let browser;
before(async () => {
  provider = await startProvider();
  const settings = {
    SALUS__ACCOUNTS__PROVIDERS__CLINIC__ISSUER: provider.url,
    SALUS__ACCOUNTS__PROVIDERS__CLINIC__NAME: "Our clinic",
    SALUS__ACCOUNTS__PROVIDERS__CLINIC__CLIENT_ID: CLIENT,
    SALUS__ACCOUNTS__PROVIDERS__CLINIC__CLIENT_SECRET: SECRET,
    SALUS__ACCOUNTS__PROVIDERS__CLINIC__LOCAL: "true",
  };
  [program, plain, browser] = await Promise.all([
    startProgram(settings),
    startProgram(),
    startBrowser(),
  ]);
  provider.knows(program.url);
});
after(async () => {
  await browser?.close();
  await Promise.all([program?.stop(), plain?.stop(), provider?.stop()]);
});

function screen(name, body, where = () => program) {
  test(name, async () => {
    const { context, page, problems } = await openPage(browser, where());
    // The provider's own pages want a font of someone else's.
    await context.route(/^https:/, (route) => route.abort());
    try {
      await body(page, context);
      const elsewhere = (text) =>
        text.startsWith(`asks ${provider.url}`) || /asks https:/.test(text);
      const font = (text) => text.includes("fonts.googleapis.com");
      assert.deepEqual(
        problems.filter((text) => !(elsewhere(text) || font(text))),
        [],
      );
    } catch (error) {
      error.message += `\n  at ${page.url()}`;
      throw error;
    } finally {
      await context.close();
    }
  });
}

const goOn = (page) => page.getByRole("button", { name: "Continue with Our clinic" }).click();

async function join(page, name) {
  await page.goto("/login");
  await goOn(page);
  await logInThere(page, name);
  await heading(page, "Good to have you here");
}

screen("someone new agrees to the terms and is known from then on", async (page, context) => {
  await join(page, "casey");
  assert.ok(!page.url().includes("code="), "what came back has left the address");
  await look(page, "provider-register");
  await page.getByLabel("The terms").check();
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("/");
  await page.goto("/account/security");
  await page.getByText("casey@example.org").waitFor();
  await look(page, "provider-links");
  // The only way in stays.
  await page.getByRole("button", { name: "Disconnect: Our clinic" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("Nothing else opens your account.").waitFor();
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
  await look(page, "login-providers");
  // The provider remembers them, and so do we.
  await goOn(page);
  await page.getByText("casey@example.org").waitFor();
  const cookies = await context.cookies(program.url);
  assert.ok(!cookies.some(({ name }) => name.endsWith("salus_oidc")), "used up");
});

screen("an account is connected, opens the door, and is disconnected", async (page, context) => {
  const { name } = await person(context);
  await page.goto("/account/security");
  await page.getByRole("button", { name: "Connect Our clinic" }).click();
  await logInThere(page, `${name}-there`);
  await page.getByText(`${name}-there@example.org`).waitFor();
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
  await goOn(page);
  await page.getByRole("button", { name: "Log out", exact: true }).first().waitFor();
  await page.goto("/account/security");
  await heading(page, "Robin");
  await page.getByRole("button", { name: "Disconnect: Our clinic" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText(`${name}-there@example.org`).waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
  await goOn(page);
  await heading(page, "Good to have you here");
});

async function joinWhole(page, name) {
  await join(page, name);
  await page.getByLabel("The terms").check();
  await page.getByRole("button", { name: "Create account" }).click();
  await page.waitForURL("/");
}

screen("a name and a password of one's own open the door without the provider", async (page) => {
  await joinWhole(page, "robin");
  await page.goto("/account/security");
  await page.getByLabel("A username").fill("robin-here");
  await page.getByLabel("A new password").fill("three goats on a hill");
  await look(page, "provider-first-password");
  await page.getByRole("button", { name: "Set them" }).click();
  await page.getByLabel("Your password now").waitFor();
  await page.getByRole("button", { name: "Disconnect: Our clinic" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Disconnect" }).click();
  await page.getByText("robin@example.org").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
  await page.getByLabel("Username or e-mail address").fill("robin-here");
  await page.getByLabel("Password", { exact: true }).fill("three goats on a hill");
  await page.getByRole("button", { name: "Log in", exact: true }).click();
  await page.getByRole("button", { name: "Log out", exact: true }).first().waitFor();
});

screen("whoever logs out there is logged out here", async (page, context) => {
  await joinWhole(page, "river");
  const me = () => context.request.get(`${program.url}/api/auth/me`);
  assert.equal((await me()).status(), 200);
  await logOutThere(page, provider.url);
  assert.equal((await me()).status(), 401);
});

screen("whoever turns back there changes nothing here", async (page) => {
  await page.goto("/login");
  await goOn(page);
  await page.getByRole("link", { name: "[ Cancel ]" }).click();
  await heading(page, "Back from elsewhere");
  await page.getByText("You did not log in there.").waitFor();
  await look(page, "provider-declined");
});

screen("what another browser was given opens nothing in this one", async (page, context) => {
  // Someone logs in there as themselves and hands the address over to somebody else.
  const other = await openPage(browser, program);
  await other.context.route(/^https:/, (route) => route.abort());
  await other.context.route("**/api/auth/oidc/finish", (route) => route.abort());
  let handed;
  other.page.on("request", (request) => {
    if (request.url().startsWith(`${program.url}/login/return/`)) handed = request.url();
  });
  await other.page.goto("/login");
  await goOn(other.page);
  await logInThere(other.page, "mallory");
  await heading(other.page, "Back from elsewhere");
  await other.context.close();
  await page.goto(handed);
  await page.getByText("This log-in took too long, or was begun elsewhere.").waitFor();
  const me = await context.request.get("/api/auth/me");
  assert.equal(me.status(), 401);
});

screen(
  "where nobody vouches for people, nothing of it is seen",
  async (page, context) => {
    await page.goto("/login");
    await page.getByLabel("Username or e-mail address").waitFor();
    assert.equal(await page.getByRole("button", { name: /Continue with/ }).count(), 0);
    await person(context);
    await page.goto("/account/security");
    await heading(page, "Robin");
    assert.equal(await page.getByText("Accounts elsewhere").count(), 0);
  },
  () => plain,
);
