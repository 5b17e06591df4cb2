// Passkeys with the device that Chromium has for tests: made, used in three ways, refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { PASSWORD, person } from "./people.mjs";
import { look, openPage, startBrowser, startProgram } from "./program.mjs";
import { heading, LIMIT } from "./screens.mjs";

let program;
let elsewhere;
let browser;
before(async () => {
  // The other one takes passkeys of pages at another port only, where nobody is.
  const settings = { SALUS__ACCOUNTS__PASSKEYS__ORIGINS: '["http://localhost:1"]' };
  const all = [startProgram(), startProgram(settings), startBrowser()];
  [program, elsewhere, browser] = await Promise.all(all);
}, LIMIT);
after(async () => {
  await browser?.close();
  await Promise.all([program?.stop(), elsewhere?.stop()]);
}, LIMIT);

// A test with a page at a name, a person and a device; `device.send` speaks with the device. Unless
// `offers` is set the browser offers no passkeys by itself: the device would answer at once.
function screen(name, body, { where = () => program, offers = false } = {}) {
  test(name, LIMIT, async () => {
    const url = where().url.replace("127.0.0.1", "localhost");
    const { context, page, problems } = await openPage(browser, { ...where(), url });
    try {
      const { name: username, csrf } = await person(context);
      const device = await addDevice(context, page);
      if (!offers) await page.addInitScript(offerNothing);
      await body(page, { context, username, csrf, device });
      assert.deepEqual(problems, []);
    } catch (error) {
      error.message += `\n  at ${page.url()}`;
      throw error;
    } finally {
      await context.close();
    }
  });
}

function offerNothing() {
  PublicKeyCredential.isConditionalMediationAvailable = async () => false;
}

async function addDevice(context, page) {
  const session = await context.newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  const send = (method, more = {}) =>
    session.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  const keys = async () => (await send("getCredentials")).credentials;
  return { send, keys };
}

async function addPasskey(page, name) {
  await page.goto("/account/security");
  await page.getByLabel("Name of the device").fill(name);
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByRole("button", { name: "I have kept them" }).click();
  await page.getByText(name, { exact: true }).waitFor();
}

async function logOut(page) {
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
}

async function usePasskey(page) {
  await page.getByRole("button", { name: "Use a passkey" }).click();
}

screen("a passkey logs in without a name, and not any more once it is removed", async (page) => {
  await addPasskey(page, "My telephone");
  await look(page, "passkeys");
  await logOut(page);
  await look(page, "login-passkey");
  await usePasskey(page);
  await heading(page, "Robin");
  await page.getByText(/last used on/).waitFor();
  await page.getByRole("button", { name: "Rename: My telephone" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the device").fill("My laptop");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByText("My laptop", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Remove: My laptop" }).click();
  // It cannot vouch for its own removal.
  await usePasskey(page);
  await page.getByText("Please confirm this with something else").waitFor();
  await look(page, "passkey-remove");
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Remove" }).click();
  await page.getByText("My laptop", { exact: true }).waitFor({ state: "detached" });
  await logOut(page);
  await usePasskey(page);
  await page.getByText("This passkey was not recognised here.").waitFor();
});

screen(
  "a passkey is offered where a name is typed",
  async (page, { device }) => {
    const touched = (enabled) => device.send("setAutomaticPresenceSimulation", { enabled });
    await addPasskey(page, "My telephone");
    await touched(false);
    await logOut(page);
    const name = page.getByLabel("Username or e-mail address");
    assert.equal(await name.getAttribute("autocomplete"), "username webauthn");
    // The device is touched while the page waits, and no button is pressed.
    await touched(true);
    await page.reload();
    await heading(page, "Robin");
  },
  { offers: true },
);

screen("a passkey is the second factor after a password", async (page, { username }) => {
  await addPasskey(page, "My telephone");
  await logOut(page);
  await page.getByLabel("Username or e-mail address").fill(username);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("Code").waitFor();
  await usePasskey(page);
  await heading(page, "Robin");
});

// As a client does it that leaves the forms to the browser.
screen("a passkey shows again that it is you", async (page, { csrf }) => {
  await addPasskey(page, "My telephone");
  const raised = await page.evaluate(async (csrf) => {
    const post = async (path, body) => {
      const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf };
      const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      return { status: answer.status, ...(await answer.json()) };
    };
    const { ticket, options } = await post("/api/auth/passkeys/challenge");
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const credential = (await navigator.credentials.get({ publicKey })).toJSON();
    const passkey = { ticket, credential };
    const first = await post("/api/auth/health-token", { passkey });
    return { first, again: await post("/api/auth/health-token", { passkey }) };
  }, csrf);
  assert.deepEqual([raised.first.status, raised.first.acr], [200, "salus:mfa"]);
  assert.deepEqual([raised.again.status, raised.again.code], [410, "PASSKEY_LATE"]);
});

screen("a copy of a key is found out by its count", async (page, { device }) => {
  await addPasskey(page, "My telephone");
  const [copy] = await device.keys();
  await logOut(page);
  await usePasskey(page);
  await heading(page, "Robin");
  await logOut(page);
  await device.send("removeCredential", { credentialId: copy.credentialId });
  await device.send("addCredential", { credential: copy });
  await usePasskey(page);
  await page.getByText("There seems to be a copy of this passkey").waitFor();
});

screen("a device that is not unlocked opens nothing", async (page, { device }) => {
  await addPasskey(page, "My telephone");
  await logOut(page);
  await device.send("setUserVerified", { isUserVerified: false });
  await usePasskey(page);
  await page.getByText("Nothing was done.").waitFor();
});

screen(
  "a page of another origin makes no passkey",
  async (page) => {
    await page.goto("/account/security");
    await page.getByRole("button", { name: "Add a passkey" }).click();
    await page.getByText("This passkey was not recognised here.").waitFor();
  },
  { where: () => elsewhere },
);
