// Conversations with the built-in companion and with models whose answers are known.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { person } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen } = screens();

const field = (page) => page.getByRole("textbox", { name: "Your message", exact: true });
const said = (page, text) => page.getByText(text, { exact: true }).last();

async function choose(page, model) {
  await page.getByLabel("Who answers").selectOption(`scripted/${model}`);
}

// While an answer is on its way, what is typed waits in the field.
async function say(page, words) {
  await field(page).fill(words);
  await page.getByRole("button", { name: "Send", exact: true, disabled: false }).waitFor();
  await field(page).press("Enter");
}

screen("a first answer needs no settings and no reading", async (page, context) => {
  await person(context);
  await page.goto("/");
  await page.getByRole("link", { name: /Something on your mind/ }).click();
  await page.getByText("What is on your mind?").waitFor();
  await page.getByRole("button", { name: "I feel anxious right now" }).waitFor();
  await look(page, "chat-begin");
  await page.getByRole("button", { name: "I feel anxious right now" }).click();
  await heading(page, "I feel anxious right now");
  await page.getByText("About this answer").waitFor();
  await say(page, "It began this morning, before work.");
  await page.getByText("About this answer").nth(1).waitFor();
  await look(page, "chat");
  const told = page.getByText("You are talking to an AI program, not a person.");
  assert.equal(await told.count(), 1);
  await page.reload();
  await told.waitFor();
});

screen("by keyboard: a new line, sending, and stopping", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await choose(page, "slow");
  await field(page).focus();
  await page.keyboard.type("one two three four five six seven eight");
  await page.keyboard.press("Shift+Enter");
  await page.keyboard.type("nine ten eleven twelve thirteen fourteen");
  await page.keyboard.press("Enter");
  await page
    .getByText(/You said: one two/)
    .first()
    .waitFor();
  assert.equal(await field(page).evaluate((one) => one === document.activeElement), true);
  await page.keyboard.press("Escape");
  await page.getByText("You stopped here.").waitFor();
  assert.equal(await page.getByText("fourteen").count(), 1, "it went on to its end");
});

screen(
  "an answer is read on after a reload, in a second window, and from elsewhere",
  async (page, context) => {
    await person(context);
    await page.goto("/chat");
    await choose(page, "slow");
    const words = Array.from({ length: 30 }, (_, at) => `word${at}`).join(" ");
    await say(page, words);
    await page.getByText(/You said: word0 word1/).waitFor();
    await page.waitForURL(/\/chat\/./);
    const second = await context.newPage();
    await second.goto(page.url());
    await second.getByText(/You said: word0/).waitFor();
    await page.reload();
    await page.getByText(/You said: word0/).waitFor();
    await page.getByRole("link", { name: "Journal" }).first().click();
    await heading(page, "Journal");
    await page.goBack();
    for (const window of [page, second]) {
      await said(window, `You said: ${words}`).waitFor();
      await window.getByText("About this answer").waitFor();
      assert.equal(await window.getByText(/^You said/).count(), 1);
    }
    await say(page, "and one more");
    await said(second, "You said: and one more").waitFor();
  },
);

screen(
  "a message is changed, answered again, and gone on from elsewhere",
  async (page, context) => {
    await person(context);
    await page.goto("/chat");
    await choose(page, "echo");
    await say(page, "first");
    await said(page, "You said: first").waitFor();
    await page.waitForURL(/\/chat\/./);
    await say(page, "second");
    await said(page, "You said: second").waitFor();
    await page.getByRole("button", { name: "Change" }).last().click();
    await page.getByLabel("Your message, written anew").fill("another");
    await look(page, "chat-edit");
    await page.keyboard.press("Control+Enter");
    await said(page, "You said: another").waitFor();
    await page.getByText("2 of 2").waitFor();
    const kept = page.waitForResponse((answer) => answer.request().method() === "PATCH");
    await page.getByRole("button", { name: "Version before" }).click();
    await said(page, "You said: second").waitFor();
    await kept;
    await page.reload();
    await said(page, "You said: second").waitFor();
    await page.getByRole("button", { name: "Another answer" }).last().click();
    await page.getByText("2 of 2").waitFor();
    await page.getByRole("button", { name: "Go on from here" }).first().click();
    await page.getByText("second", { exact: true }).waitFor({ state: "detached" });
    await said(page, "You said: first").waitFor();
    await say(page, "elsewhere");
    await said(page, "You said: elsewhere").waitFor();
    await page.getByRole("button", { name: "Delete from here" }).last().click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await page.locator("p", { hasText: /^You said: elsewhere$/ }).waitFor({ state: "detached" });
  },
);

screen("a picture is added, taken away, sent, and there after a reload", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await choose(page, "echo");
  const add = async (...files) => {
    const [chooser] = await Promise.all([
      page.waitForEvent("filechooser"),
      page.getByRole("button", { name: "Add pictures" }).click(),
    ]);
    await chooser.setFiles(files);
  };
  const picture = (name) => page.getByRole("img", { name, exact: true });
  await add({ name: "a.txt", mimeType: "text/plain", buffer: Buffer.from("no picture") });
  await page.getByText("This file cannot be read as a picture.").waitFor();
  const buffer = await page.screenshot({ clip: { x: 0, y: 0, width: 40, height: 30 } });
  await add(...["one.png", "two.png"].map((name) => ({ name, mimeType: "image/png", buffer })));
  await picture("Picture 2 of 2").waitFor();
  await look(page, "chat-pictures");
  await page.getByRole("button", { name: "Remove picture 1" }).click();
  await picture("Picture 1 of 1").waitFor();
  await picture("Picture 2 of 2").waitFor({ state: "detached" });
  await say(page, "What is this?");
  await said(page, "You said: What is this? a picture").waitFor();
  await page.getByRole("list", { name: "Pictures to be sent" }).waitFor({ state: "detached" });
  await page.getByText("About this answer").waitFor();
  await page.reload();
  await picture("Picture 1 of 1").waitFor();
  const size = await picture("Picture 1 of 1").evaluate(async (one) => {
    await one.decode();
    return [one.naturalWidth, one.naturalHeight];
  });
  assert.deepEqual(size, [40, 30]);
});

screen("conversations are named, found, put away, saved and deleted", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await choose(page, "echo");
  await say(page, "Rain on the roof");
  await said(page, "You said: Rain on the roof").waitFor();
  await page.getByRole("button", { name: "More about this conversation" }).click();
  await page.getByLabel("Title").fill("Weather");
  await look(page, "chat-actions");
  await page.getByRole("button", { name: "Rename" }).click();
  await heading(page, "Weather");
  await page.getByRole("button", { name: "New conversation", exact: true }).click();
  await page.getByText("What is on your mind?").waitFor();
  await page.getByRole("searchbox", { name: "Search in conversations" }).fill("roof");
  await page.getByRole("link", { name: /Weather/ }).click();
  await heading(page, "Weather");
  await page.getByRole("button", { name: "More about this conversation" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as a file" }).click(),
  ]);
  const file = await readFile(await download.path(), "utf8");
  assert.match(file, /^# Weather\n\n\*\*You\*\*\n\nRain on the roof/);
  await page.getByRole("button", { name: "More about this conversation" }).click();
  await page.getByRole("button", { name: "Put away" }).click();
  await page.getByRole("searchbox").fill("");
  await page.getByText("No conversations yet.").waitFor();
  await page.getByRole("button", { name: "Those put away" }).click();
  await page.getByRole("link", { name: /Weather/ }).click();
  await page.getByRole("button", { name: "More about this conversation" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("What is on your mind?").waitFor();
  await page.getByRole("link", { name: /Weather/ }).waitFor({ state: "detached" });
});

screen("what a model writes is shown and never run", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await choose(page, "echo");
  const lines = [
    "**bold** and `code`",
    "",
    "<img src=x onerror=alert(1)> <script>alert(2)</script>",
    "",
    "[bad](javascript:alert(3)) [good](https://example.org/) ![picture](https://example.org/x.png)",
    "",
    "- one",
    "- two",
    "",
    "| a | b |",
    "|---|---|",
    "| 1 | 2 |",
    "",
    "```python",
    "print('hello')",
    "```",
  ];
  await say(page, lines.join("\n"));
  await page.getByRole("button", { name: "Copy code" }).waitFor();
  const answer = page.locator(".prose-salus");
  assert.equal(await answer.locator("img, script, iframe").count(), 0);
  assert.equal(await answer.getByRole("link").count(), 1);
  assert.equal(await answer.getByRole("link").getAttribute("href"), "https://example.org/");
  await answer.getByText("<script>alert(2)</script>").waitFor();
  await answer.getByRole("cell", { name: "2" }).waitFor();
  await look(page, "chat-markdown");
});

screen("what a model thought first is folded away", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await choose(page, "think");
  await say(page, "hello");
  await page.getByText("About this answer").waitFor();
  const thoughts = page.locator("details", { hasText: "How it came to this" });
  assert.equal(await thoughts.evaluate((one) => one.open), false);
});

screen("an answer that breaks off says so, and can be asked for again", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await choose(page, "cut");
  await say(page, "one two three four");
  await page.getByRole("alert").getByText("The answer broke off.").waitFor();
  await look(page, "chat-broke");
  await choose(page, "echo");
  await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
  await said(page, "You said: one two three four").waitFor();
});

screen("without the consent it says why, and nothing typed is lost", async (page, context) => {
  const { csrf } = await person(context);
  await page.goto("/chat");
  await page.getByText("What is on your mind?").waitFor();
  const headers = { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" };
  const data = { consent_type: "health_data" };
  const answer = await context.request.post("/api/consent/withdraw", { headers, data });
  assert.equal(answer.status(), 200);
  await say(page, "hello");
  await page.getByRole("heading", { name: "Before you talk" }).waitFor();
  assert.equal(await field(page).inputValue(), "hello");
  await page.getByRole("link", { name: "To what you agreed to" }).click();
  await page.getByRole("switch", { name: /Keeping what I enter/ }).waitFor();
});

screen(
  "whoever is in danger finds help at once, and again after a reload",
  async (page, context) => {
    await person(context);
    await page.goto("/chat");
    await choose(page, "echo");
    await say(page, "I want to kill myself tonight. I have the pills here.");
    const card = page.getByRole("complementary", { name: "Help now" });
    await card.getByRole("link", { name: /Call 988/ }).waitFor();
    await card.getByRole("link", { name: /Call 911/ }).waitFor();
    await page.getByText(/You said/).waitFor({ state: "detached" });
    await look(page, "chat-danger");
    await page.reload();
    await card.getByRole("link", { name: "More help" }).click();
    await heading(page, "You are not alone.");
  },
);
