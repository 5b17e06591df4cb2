// Tools that a model asks for: the person sees what they would do, and is asked first.
import assert from "node:assert/strict";
import { person, sent } from "./people.mjs";
import { look } from "./program.mjs";
import { screens } from "./screens.mjs";

const { screen } = screens();
const FACT = "I keep bees.";

// Somebody who is remembered, in a conversation whose model may ask for tools.
async function remembered(page, context) {
  const { csrf } = await person(context);
  const on = { headers: sent(csrf), data: { enabled: true } };
  assert.equal((await context.request.put("/api/memory", on)).status(), 200);
  await page.goto("/chat");
  await page.getByLabel("Who answers").selectOption("scripted/tool");
}

async function ask(page, words) {
  await page.getByRole("textbox", { name: "Your message", exact: true }).fill(words);
  await page.getByRole("button", { name: "Send", exact: true }).click();
}

const propose = (page) => ask(page, `use remember ${JSON.stringify({ fact: FACT })}`);
const card = (page) => page.getByRole("region", { name: "Remember something about you" });
const lookUp = (page) => page.getByRole("button", { name: "Let Salus look things up" });

async function facts(context) {
  const page = await (await context.request.get("/api/memory/facts")).json();
  return page.facts.map(({ text }) => text);
}

screen("a tool waits, also after a reload, and runs once it is allowed", async (page, context) => {
  await remembered(page, context);
  await lookUp(page).click();
  await page
    .getByText(/waits for your word/)
    .first()
    .waitFor();
  await propose(page);
  await card(page).getByText("waits for you").waitFor();
  await card(page).getByText(FACT, { exact: true }).waitFor();
  assert.equal(
    await card(page)
      .getByRole("button", { name: /Always/ })
      .count(),
    0,
  );
  assert.deepEqual(await facts(context), []);
  await look(page, "chat-tool-waits");
  await page.waitForURL(/\/chat\/./);
  await page.reload();
  await card(page).getByRole("button", { name: "Allow once" }).click();
  await card(page).getByText("done", { exact: true }).waitFor();
  await page.getByText("About this answer").waitFor();
  assert.deepEqual(await facts(context), [FACT]);
  await card(page).getByText("What came out").click();
  await card(page).getByText("It is remembered.").waitFor();
  await look(page, "chat-tool-done");
  await page.reload();
  await card(page).getByText("done", { exact: true }).waitFor();
  assert.equal(await lookUp(page).getAttribute("aria-pressed"), "true");
});

screen("what the person does not want is not done", async (page, context) => {
  await remembered(page, context);
  await lookUp(page).click();
  await propose(page);
  await card(page).getByRole("button", { name: "No", exact: true }).click();
  await card(page).getByText("you said no").waitFor();
  await page.getByText("About this answer").waitFor();
  assert.deepEqual(await facts(context), []);
  await look(page, "chat-tool-refused");
});

screen("no model has tools that nobody asked for", async (page, context) => {
  await remembered(page, context);
  await propose(page);
  await page.getByText("No tools here.", { exact: true }).waitFor();
  await page.getByText("About this answer").waitFor();
  assert.equal(await card(page).count(), 0);
});
