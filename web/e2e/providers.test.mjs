// Who answers: a provider is set up in the browser, tried, shown to some, changed and removed.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before } from "node:test";
import { person } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen, program, browser } = screens();
const KEY = "sk-for-this-test-only";

// A server of models, as small as one can be.
const asked = [];
const server = createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  const body = text ? JSON.parse(text) : {};
  asked.push({ path: request.url, key: request.headers.authorization });
  const choice = {
    index: 0,
    finish_reason: "stop",
    message: { role: "assistant", content: "Yes." },
  };
  const answer = request.url.endsWith("/models")
    ? { object: "list", data: [{ id: "small", object: "model" }] }
    : { id: "1", object: "chat.completion", model: body.model, choices: [choice] };
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(answer));
});
let url;
before(async () => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}/v1`;
});
after(() => server.close());

async function administrator(context) {
  const data = {
    username: "keeper",
    password: "five quiet herons stand still",
    cookie: true,
    setup_code: decodeURIComponent(new URL(program().setupUrl).hash.slice(1)),
    consents: { terms: true, health_data: true },
  };
  const answer = await context.request.post("/api/auth/register", { data });
  assert.equal(answer.status(), 201, await answer.text());
}

async function offered(context) {
  return (await context.request.get("/api/providers")).text();
}

screen("a provider is set up, tried, shown to some, changed and removed", async (page, context) => {
  await administrator(context);
  const other = await browser().newContext({ baseURL: program().url });
  await person(other);
  await page.goto("/admin/models");
  await heading(page, "Administration");
  await page.getByText("Part of Salus").first().waitFor();
  await page.getByRole("button", { name: "Add a provider" }).click();
  await page.getByLabel("Name", { exact: true }).fill("near");
  await page.getByLabel("Address").fill(url);
  await page.getByLabel("Key", { exact: true }).fill(KEY);
  await look(page, "providers-form");
  await page.getByRole("button", { name: "Save" }).first().click();
  await page.getByText(/only local providers go without TLS/i).waitFor();
  await page.getByRole("switch", { name: "On a machine of yours" }).click();
  await page.getByRole("button", { name: "Save" }).first().click();

  const card = page.locator("section").filter({ has: page.getByRole("heading", { name: "near" }) });
  await card.getByText("small").waitFor();
  await card.getByText(/Set up here · On a machine of yours · Has a key/).waitFor();
  assert.ok(!(await page.content()).includes(KEY), "the key does not come back");
  await card.getByRole("button", { name: "Try it" }).click();
  await card.getByText(/near\/small answered within/).waitFor();
  assert.ok(asked.every(({ key }) => key === `Bearer ${KEY}`));
  assert.match(await offered(other), /near\/small/);
  await look(page, "providers");

  await card.getByRole("button", { name: /Who may use small/ }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Only people with one of these roles").check();
  await sheet.getByLabel("Paid plan").check();
  await look(page, "providers-roles");
  await sheet.getByRole("button", { name: "Save" }).click();
  await card.getByRole("button", { name: /Who may use small: Paid plan/ }).waitFor();
  assert.doesNotMatch(await offered(other), /near\/small/);

  await card.getByRole("button", { name: "Change" }).click();
  await card.getByLabel("Models").fill("one two");
  await card.getByRole("button", { name: "Save" }).click();
  await card.getByText("two", { exact: true }).waitFor();
  assert.match(await offered(other), /near\/two/);
  await card.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  // While the question is open, what lies under it counts as gone.
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await card.waitFor({ state: "detached" });
  assert.doesNotMatch(await offered(other), /near\//);
  await other.close();
});
