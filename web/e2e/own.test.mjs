// What is the person's own: keys, conversations as files, where they are, what they read.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { deflateRawSync } from "node:zlib";
import { GERMAN, LOGIN } from "./languages.mjs";
import { PASSWORD, person, sent } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen, program } = screens();

screen("a key is made, shown once, used by a program, and revoked", async (page, context) => {
  await person(context);
  await page.goto("/account");
  await page.getByRole("link", { name: "Programs" }).click();
  await page.getByText("You have no key.").waitFor();
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByLabel("Which program it is for").fill("Editor");
  await page.getByLabel("Turning texts into vectors").uncheck();
  await page.getByLabel("Messages a day, at most").fill("5");
  await look(page, "key-form");
  await page.getByRole("button", { name: "Make the key" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("This is your key. It is shown only now.").waitFor();
  const secret = await sheet.locator(".font-mono").textContent();
  await look(page, "key-once");
  await sheet.getByRole("button", { name: "I have kept it" }).click();
  await page.getByText(/5 messages a day/).waitFor();
  await look(page, "programs");
  const ask = () =>
    fetch(`${program().url}/v1/models`, { headers: { Authorization: `Bearer ${secret}` } });
  assert.equal((await ask()).status, 200);
  assert.ok(!(await page.content()).includes(secret), "the key is still on the page");
  await page.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("You have no key.").waitFor();
  assert.equal((await ask()).status, 401);
});

// As ChatGPT exports it, as far as it matters here.
function exported(title, words) {
  const node = (id, parent, role, text) => ({
    id,
    parent,
    children: [],
    message: {
      id,
      author: { role },
      create_time: 1_700_000_000,
      content: { content_type: "text", parts: [text] },
    },
  });
  const mapping = {
    a: { id: "a", parent: null, children: ["b"], message: null },
    b: node("b", "a", "user", words),
    c: node("c", "b", "assistant", `About ${words}`),
  };
  return { id: title, title, create_time: 1_700_000_000, mapping, current_node: "c" };
}

function zip(name, text) {
  const body = deflateRawSync(Buffer.from(text));
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(8, 8);
  head.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(body.length, 20);
  entry.writeUInt16LE(name.length, 28);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(46 + name.length, 12);
  end.writeUInt32LE(30 + name.length + body.length, 16);
  return Buffer.concat([head, Buffer.from(name), body, entry, Buffer.from(name), end]);
}

screen("conversations come in from elsewhere and go out again", async (page, context) => {
  await person(context);
  await page.goto("/account/data");
  const input = page.getByLabel("Bring in conversations");
  const chats = [exported("Rain", "clouds"), exported("Bread", "flour"), { title: "Empty" }];
  const buffer = zip("conversations.json", JSON.stringify(chats));
  const file = { name: "chatgpt.zip", mimeType: "application/zip", buffer };
  await input.setInputFiles(file);
  await page.getByText("2 conversations added.").waitFor();
  await page.getByText("1 could not be taken:").waitFor();
  await page.getByText(/^number 3: /).waitFor();
  await input.scrollIntoViewIfNeeded();
  await look(page, "conversation-files");
  await input.setInputFiles(file);
  await page.getByText("2 were here already.").waitFor();
  const other = { name: "x.json", mimeType: "application/json", buffer: Buffer.from("{}") };
  await input.setInputFiles(other);
  await page
    .getByRole("alert")
    .getByText(/holds no conversations/)
    .waitFor();
  await input.setInputFiles({ ...other, name: "x.zip", buffer: Buffer.from("PK, but no zip") });
  await page
    .getByRole("alert")
    .getByText(/It takes its own files/)
    .waitFor();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as a file" }).click(),
  ]);
  const all = JSON.parse(await readFile(await download.path(), "utf8"));
  assert.deepEqual(all.conversations.map(({ title }) => title).sort(), ["Bread", "Rain"]);
  await page.goto("/chat");
  await page.getByRole("link", { name: /Rain/ }).click();
  await page.getByText("About clouds").waitFor();
});

screen(
  "the branch that was chosen last is shown, even if the page closes at once",
  async (page, context) => {
    await person(context);
    await page.goto("/chat");
    await page.getByLabel("Who answers").selectOption("scripted/echo");
    const field = page.getByRole("textbox", { name: "Your message", exact: true });
    await field.fill("first");
    await field.press("Enter");
    await page.getByText("You said: first", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Change" }).click();
    await page.getByLabel("Your message, written anew").fill("second");
    await page.keyboard.press("Control+Enter");
    await page.getByText("You said: second", { exact: true }).waitFor();
    await page.getByText("2 of 2").waitFor();
    await page.getByRole("button", { name: "Version before" }).click();
    const { pathname } = new URL(page.url());
    await page.close();
    const again = await context.newPage();
    await again.goto(pathname);
    await again.getByText("You said: first", { exact: true }).waitFor();
  },
);

screen("before the first words it is said what the companion is", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await page.getByRole("button", { name: "I can't stop thinking about something" }).waitFor();
  await page.getByText("What Salus is here").click();
  await look(page, "chat-about");
});

screen("where one is is kept with the account, and help knows it", async (page, context) => {
  const { csrf } = await person(context);
  await page.goto("/account");
  await page.getByLabel("Country").selectOption("AT");
  await page.getByLabel("Time zone").selectOption("Europe/Vienna");
  const form = page.locator("form", { has: page.getByLabel("Country") });
  await form.getByRole("button", { name: "Keep it" }).click();
  await form.getByRole("button", { name: "Keep it", disabled: true }).waitFor();
  await look(page, "account-place");
  await page.goto("/help-now");
  assert.equal(await page.getByLabel("Where are you?").inputValue(), "AT");
  const profile = await context.request.get("/api/user/profile", { headers: sent(csrf) });
  const { country, time_zone: zone, display_name: name } = await profile.json();
  assert.deepEqual([country, zone, name], ["AT", "Europe/Vienna", "Robin"]);
});

screen("the letter that proves an address can be sent once more", async (page, context) => {
  const data = {
    email: "kim@example.org",
    password: PASSWORD,
    consents: { terms: true, health_data: true },
  };
  assert.ok((await context.request.post("/api/auth/register", { data })).ok());
  const login = { login: data.email, password: PASSWORD, cookie: true };
  assert.ok((await context.request.post("/api/auth/login", { data: login })).ok());
  await page.goto("/account");
  await page.getByText(/kim@example.org\. If you have not proved/).waitFor();
  await page.getByRole("button", { name: "Send the letter once more" }).click();
  await page.getByText(/a letter is on its way/).waitFor();
});

screen("another language is there at once, and stays", async (page, context) => {
  await person(context);
  await page.goto("/account");
  await page.getByLabel("Language", { exact: true }).selectOption("de");
  await page.getByRole("link", { name: GERMAN.today }).first().click();
  await page.getByRole("heading", { name: GERMAN.question }).waitFor();
  await page.getByRole("radio", { name: GERMAN.good, exact: true }).click();
  await look(page, "today-german");
  await page.getByRole("button", { name: GERMAN.save }).click();
  await page.getByText(GERMAN.saved).waitFor();
  await page.reload();
  await page.getByRole("link", { name: GERMAN.journal }).first().waitFor();
  assert.equal(await page.locator("html").getAttribute("lang"), "de");
});

for (const [locale, welcome, button, wrong] of LOGIN) {
  screen(
    `a log-in speaks the language of the browser: ${locale}`,
    async (page) => {
      await page.goto("/login");
      await heading(page, welcome);
      await page.locator('input[autocomplete^="username"]').fill("nobody-like-this");
      await page.locator('input[autocomplete="current-password"]').fill("not the password");
      await page.getByRole("button", { name: button, exact: true }).click();
      await page.getByRole("alert").getByText(wrong).waitFor();
      if (locale === "hi-IN") await look(page, "login-hindi");
    },
    { locale },
  );
}
