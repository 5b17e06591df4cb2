// Looking after a server: people, invitations, usage, models, the ledger with its proofs, health.
import assert from "node:assert/strict";
import { PASSWORD, person } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen, program, browser } = screens();

// The one who set the server up; further tests log in as the same.
let set = false;
async function administrator(context) {
  if (set) {
    const login = { login: "keeper", password: PASSWORD, cookie: true };
    const answer = await context.request.post("/api/auth/login", { data: login });
    assert.equal(answer.status(), 200, await answer.text());
    return;
  }
  const data = {
    username: "keeper",
    password: PASSWORD,
    cookie: true,
    setup_code: decodeURIComponent(new URL(program().setupUrl).hash.slice(1)),
    consents: { terms: true, health_data: true },
  };
  const answer = await context.request.post("/api/auth/register", { data });
  assert.equal(answer.status(), 201, await answer.text());
  set = true;
}

screen(
  "someone is found, given a role, blocked, unblocked and logged out",
  async (page, context) => {
    await administrator(context);
    const other = await browser().newContext({ baseURL: program().url });
    const { name } = await person(other);
    await page.goto("/account");
    await page.getByRole("link", { name: "Administration" }).first().click();
    await heading(page, "Administration");
    await page.getByRole("button", { name: /Robin/ }).waitFor();
    await look(page, "admin-people");
    await page.getByRole("searchbox").fill("nobody-like-this");
    await page.getByText("Nobody found.").waitFor();
    await page.getByRole("searchbox").fill(name);
    await page.getByRole("button", { name: /Robin/ }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByLabel("Auditor").check();
    await look(page, "admin-person");
    await sheet.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: /Robin.*Auditor/, includeHidden: true }).waitFor();
    await sheet.getByText("this does not count: Auditor.").waitFor();
    assert.equal((await other.request.get("/api/auth/me")).status(), 401);
    await sheet.getByRole("button", { name: "Block", exact: true }).click();
    await sheet.getByRole("button", { name: "Unblock" }).click();
    await sheet.getByRole("button", { name: "Block", exact: true }).waitFor();
    await sheet.getByRole("button", { name: "Log out everywhere" }).click();
    await sheet.getByText("Logged out everywhere.").waitFor();
    await other.close();
  },
);

screen("an invitation is made, used and taken back", async (page, context) => {
  await administrator(context);
  await page.goto("/admin/invites");
  await page.getByText("No invitations yet.").waitFor();
  await page.getByLabel("New accounts").selectOption("Whoever has an invitation");
  await page.getByRole("button", { name: "Decide" }).click();
  await page.getByText("This holds from now on.").waitFor();
  await page.getByLabel("What it is for").fill("My sister");
  await page.getByRole("button", { name: "Make an invitation" }).click();
  const link = await page.getByText(/\/register#/).textContent();
  await look(page, "admin-invites");
  const guest = await browser().newContext({ baseURL: program().url });
  const visit = await guest.newPage();
  await visit.goto(link);
  assert.ok(await visit.getByLabel("Invitation code").inputValue());
  await guest.close();
  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByText(/Taken back/).waitFor();
  await page.getByLabel("New accounts").selectOption("As the settings say: Everybody");
  await page.getByRole("button", { name: "Decide" }).click();
  await page.getByText(/^Decided on/).waitFor({ state: "detached" });
});

screen("what was used, who answers, and how the parts are", async (page, context) => {
  await administrator(context);
  const me = await (await context.request.get("/api/auth/me")).json();
  const headers = { "X-CSRF-Token": me.csrf_token, "Sec-Fetch-Site": "same-origin" };
  const data = { content: "hello" };
  assert.equal((await context.request.post("/api/chat/stream", { headers, data })).status(), 200);
  await page.goto("/admin/usage");
  await page.getByRole("cell", { name: "1" }).first().waitFor();
  await look(page, "admin-usage");
  await page.getByRole("link", { name: "Models" }).click();
  await page.getByText(/Salus companion/).waitFor();
  await look(page, "admin-models");
  await page.getByRole("link", { name: "System" }).click();
  await page.getByText("works").first().waitFor();
  await look(page, "admin-system");
});

screen("an entry of the ledger is proved in the browser", async (page, context) => {
  await administrator(context);
  await page.goto("/admin/audit");
  await page.getByLabel("Area").selectOption("identity");
  await page.getByText("identity.session.login").first().click();
  await page.getByRole("button", { name: "Prove it" }).click();
  await page.getByText(/It is in the ledger of \d+ entries/).waitFor();
  await page.getByText("It is the entry shown here.").waitFor();
  await page.getByText(/This device looks for the first time/).waitFor();
  await look(page, "admin-audit");
  await page.route("**/proof", async (route) => {
    const answer = await route.fetch();
    const text = await answer.text();
    const other = (letter) => (letter === "A" ? "B" : "A");
    const changed = text.replace(/^(extra .{60})(.)/m, (_, head, one) => head + other(one));
    await route.fulfill({ response: answer, body: changed });
  });
  await page.getByRole("button", { name: "Prove it" }).click();
  await page.getByText(/The proof does not lead to the root/).waitFor();
});

screen("whoever does not look after the server sees nothing of it", async (page, context) => {
  await person(context);
  await page.goto("/account");
  await heading(page, "Robin");
  assert.equal(await page.getByRole("link", { name: "Administration" }).count(), 0);
  await page.goto("/admin");
  await page.getByText("This is for people who look after the server.").waitFor();
});

screen(
  "a line of the house is added, shown without a network, and taken back",
  async (page, context) => {
    await administrator(context);
    await page.goto("/admin/lines");
    await page.getByLabel("Country").selectOption("AT");
    await page.getByText("Telefonseelsorge").waitFor();
    await look(page, "admin-lines");
    await page.getByRole("button", { name: "Hide: Rat auf Draht" }).click();
    await page.getByRole("button", { name: "Show again: Rat auf Draht" }).waitFor();
    await page.getByRole("button", { name: "Add a line" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Line of the house");
    await page.getByLabel("Number to call").fill("+43 12");
    await page.getByLabel("Languages").fill("de, en");
    await page.getByLabel("Address of the provider").fill("https://example.org");
    await page.getByRole("button", { name: "Save the line" }).click();
    await page
      .getByRole("alert")
      .getByText(/no number of this country/)
      .waitFor();
    await page.getByLabel("Number to call").fill("+43 1 4000");
    await page.getByRole("button", { name: "Save the line" }).click();
    await page.getByText(/Yours · \+43 1 4000/).waitFor();
    await look(page, "admin-lines-changed");

    const visitor = await browser().newContext({
      baseURL: program().url,
      timezoneId: "Europe/Vienna",
    });
    const visit = await visitor.newPage();
    await visit.goto("/help-now");
    await visit.getByRole("link", { name: "Call +43 1 4000" }).waitFor();
    assert.equal(await visit.getByText("Rat auf Draht").count(), 0);
    await visit.route("**/api/**", (route) => route.abort());
    await visit.reload();
    await visit.getByRole("link", { name: "Call +43 1 4000" }).waitFor();
    await visit.unroute("**/api/**");

    await page.getByRole("button", { name: "Back to what is built in" }).click();
    await page.getByText("Line of the house").waitFor({ state: "detached" });
    await visit.reload();
    await visit.getByText("Rat auf Draht").waitFor();
    assert.equal(await visit.getByText("Line of the house").count(), 0);
    await visitor.close();
  },
);
