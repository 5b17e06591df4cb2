// Every flow of the web app in a real browser, against the real program.
import assert from "node:assert/strict";
import { history, PASSWORD, person, secondFactor, write } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen, program, browser } = screens();

screen("the first person sets up the server and checks in, by keyboard alone", async (page) => {
  await page.goto(program().setupUrl);
  await heading(page, "Set up Salus");
  assert.equal(new URL(page.url()).hash, "", "the code stayed in the address");
  await look(page, "setup");
  await page.getByLabel("Username or e-mail address").focus();
  await page.keyboard.type("first");
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  const terms = page.getByRole("checkbox", { name: "The terms" });
  while (!(await terms.evaluate((box) => box === document.activeElement))) {
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Space");
  await page.getByRole("checkbox", { name: /Keeping what I enter/ }).focus();
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "How are you right now?" }).waitFor();
  await page.getByRole("radio", { name: "Good", exact: true }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: "Save" }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("Saved. Thank you").waitFor();
  await page.getByRole("link", { name: /Something on your mind/ }).focus();
  await page.keyboard.press("Enter");
  await page.getByText("What is on your mind?").waitFor();
  await page.keyboard.type("A long week, and it is over.");
  await page.keyboard.press("Enter");
  await page.getByText("About this answer").waitFor();
});

screen("a visitor creates an account with plain consents and is logged in", async (page) => {
  await page.goto("/");
  await heading(page, "A quiet place to look after yourself.");
  await look(page, "welcome");
  await page.getByRole("link", { name: "Create an account" }).click();
  await heading(page, "Create your account");
  const consents = await page.getByRole("checkbox").all();
  for (const box of consents) assert.equal(await box.isChecked(), false);
  await look(page, "register");
  await page.getByLabel("Username or e-mail address").fill("newcomer");
  await page.getByLabel("Password", { exact: true }).fill("password");
  await page.getByRole("checkbox", { name: "The terms" }).check();
  await page.getByRole("checkbox", { name: /Keeping what I enter/ }).check();
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "How are you right now?" }).waitFor();
});

screen(
  "logging in leads to where one wanted to be, and a wrong password says so",
  async (page, context) => {
    const { name, csrf } = await person(context);
    await page.goto("/account");
    await heading(page, "Robin");
    await context.request.post("/api/auth/logout", {
      headers: { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" },
    });
    await page.goto("/journal");
    await heading(page, "Welcome back");
    await look(page, "login");
    await page.getByLabel("Username or e-mail address").fill(name);
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("alert").getByText("The name or the password is wrong.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await page.getByRole("button", { name: "Log in" }).click();
    await heading(page, "Journal");
    await look(page, "journal-empty");
  },
);

screen("an account with a second factor is asked for its code", async (page, context) => {
  const { name, csrf } = await person(context);
  const [code] = await secondFactor(context, csrf);
  await page.goto("/account");
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
  await page.getByLabel("Username or e-mail address").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByLabel("Code").fill("000000");
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("This code is not valid.").waitFor();
  await look(page, "code");
  await page.getByLabel("Code").fill(code);
  await page.getByRole("button", { name: "Log in" }).click();
  await heading(page, "Robin");
});

screen("a check-in takes three taps", async (page, context) => {
  await person(context);
  await page.goto("/");
  await page.getByRole("radio", { name: "Very good" }).click();
  await page.getByRole("button", { name: "outside" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Saved. Thank you").waitFor();
  await page.getByRole("link", { name: /Very good.*#outside/ }).waitFor();
});

screen("what is typed survives a reload and is gone once it is saved", async (page, context) => {
  await person(context);
  await page.goto("/journal/new");
  await heading(page, "New entry");
  await page.getByLabel("Title").fill("On the train");
  await page.getByLabel("What is on your mind?").fill("Fields, and rain.");
  await page.waitForFunction(async () => (await indexedDB.databases()).length > 0);
  await page.getByRole("link", { name: "Journal" }).first().click();
  await page.getByText("Not saved yet:").waitFor();
  assert.doesNotMatch(await stored(page), /Fields|train/, "a draft lies open in the browser");
  await page.goto("/journal/new");
  await page.getByText("Here is what you had typed.").waitFor();
  assert.equal(await page.getByLabel("What is on your mind?").inputValue(), "Fields, and rain.");
  await look(page, "editor");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("link", { name: /On the train/ }).waitFor();
  assert.equal(await page.getByText("Not saved yet:").count(), 0);
});

// Everything that this origin keeps in the browser, as text.
function stored(page) {
  return page.evaluate(async () => {
    const found = [JSON.stringify(localStorage), JSON.stringify(sessionStorage)];
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) found.push(request.url);
    }
    const open = indexedDB.open("salus");
    await new Promise((resolve) => {
      open.onsuccess = resolve;
    });
    const all = open.result.transaction("rows").objectStore("rows").getAll();
    await new Promise((resolve) => {
      all.onsuccess = resolve;
    });
    const decoder = new TextDecoder();
    for (const row of all.result) found.push(decoder.decode(row.sealed));
    return found.join("\n");
  });
}

screen("an entry is found, changed, marked and deleted", async (page, context) => {
  const { csrf } = await person(context);
  await history(context, csrf, 12);
  await page.goto("/journal");
  await page.getByRole("searchbox", { name: "Search" }).fill("river");
  await page.getByText("Long day at work").first().waitFor({ state: "detached" });
  await page
    .getByRole("link", { name: /A walk by the river/ })
    .first()
    .click();
  await heading(page, "Entry");
  await page.getByLabel("Title").fill("A walk along the sea");
  await page.getByRole("button", { name: "Favourite" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Favourites" }).click();
  await page.getByRole("link", { name: /along the sea/ }).click();
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await heading(page, "Journal");
  await page.getByRole("button", { name: "Favourites" }).click();
  await page.getByText("Nothing found").waitFor();
});

screen(
  "a change made elsewhere meanwhile is shown, and nothing is overwritten unasked",
  async (page, context) => {
    const { csrf } = await person(context);
    const entry = await write(context, csrf, { title: "Plan", content: "first" });
    await page.goto(`/journal/${entry.id}`);
    await page.getByLabel("What is on your mind?").fill("mine");
    const other = await context.request.put(`/api/journal/entries/${entry.id}`, {
      data: { title: "Plan", content: "theirs" },
      headers: { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin", "If-Match": '"v1"' },
    });
    assert.equal(other.status(), 200);
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("alert").getByText("theirs").waitFor();
    await page.getByRole("button", { name: "Keep mine" }).click();
    await heading(page, "Journal");
    const kept = await context.request.get(`/api/journal/entries/${entry.id}`);
    assert.equal((await kept.json()).content, "mine");
  },
);

screen("a life of some months reads well: today, journal, insights", async (page, context) => {
  const { csrf } = await person(context);
  await history(context, csrf);
  await page.goto("/help-now");
  // Four years, so that there was such a day on a 29th of February too.
  const then = await page.evaluate(() => {
    const now = new Date();
    return new Date(now.getFullYear() - 4, now.getMonth(), now.getDate(), 12).toISOString();
  });
  await write(context, csrf, { title: "The first snow", occurred_at: then });
  await page.goto("/");
  await page
    .getByRole("link", { name: /Long day|river|Slept|Dinner/ })
    .first()
    .waitFor();
  await page.getByRole("heading", { name: "On this day" }).waitFor();
  await page.getByRole("link", { name: /The first snow/ }).waitFor();
  await page.getByRole("radio", { name: "Okay" }).click();
  await look(page, "today");
  await page.goto("/journal");
  await page.getByRole("button", { name: "Older entries" }).click();
  await look(page, "journal");
  await page.goto("/insights");
  await page.getByRole("button", { name: "3 months" }).click();
  await page.getByText(/About “|On most days/).waitFor();
  await look(page, "insights");
  await page.getByText("As a table").click();
  assert.ok((await page.getByRole("table", { name: "Your year" }).getByRole("row").count()) > 40);
});

screen("the journal leaves as a file and comes back as it was", async (page, context) => {
  const { csrf } = await person(context);
  await history(context, csrf, 9);
  await page.goto("/account/data");
  await heading(page, "Robin");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "JSON" }).click(),
  ]);
  await page
    .getByLabel("Bring in a file")
    .setInputFiles(await download.path().then(renamed(download)));
  await page.getByText("0 entries added.").waitFor();
  await page.getByText(/were here already/).waitFor();
});

// A download has no ending, and the format goes by the ending.
function renamed(download) {
  return async (path) => {
    const { readFile } = await import("node:fs/promises");
    return {
      name: download.suggestedFilename(),
      mimeType: "application/json",
      buffer: await readFile(path),
    };
  };
}

screen("consents are taken back and given again, and sessions are ended", async (page, context) => {
  const { name } = await person(context);
  await page.goto("/account/data");
  await page.getByText("What you agreed to").waitFor();
  const health = page.getByRole("switch", { name: /Keeping what I enter/ });
  await health.click();
  await page.getByText(/Taken back on/).waitFor();
  await health.click();
  await page.getByText(/Taken back on/).waitFor({ state: "detached" });
  const elsewhere = await browser().newContext({ baseURL: program().url });
  const login = { login: name, password: PASSWORD, cookie: true };
  assert.equal((await elsewhere.request.post("/api/auth/login", { data: login })).status(), 200);
  await page.getByRole("link", { name: "Security" }).click();
  await page.getByRole("button", { name: "Log out everywhere" }).waitFor();
  await page.getByRole("listitem").getByRole("button", { name: "Log out" }).click();
  await page.getByRole("button", { name: "Log out everywhere" }).waitFor({ state: "detached" });
  assert.equal((await elsewhere.request.get("/api/auth/me")).status(), 401);
  await elsewhere.close();
});

screen(
  "a log-in that ended is asked for again, and what was typed stays",
  async (page, context) => {
    await person(context);
    await page.goto("/journal/new");
    await page.getByLabel("Title").fill("Kept through it all");
    await context.clearCookies();
    await page.getByRole("button", { name: "Save" }).click();
    const sheet = page.getByRole("dialog", { name: "Please log in again" });
    await sheet.waitFor();
    await look(page, "log-in-again");
    await sheet.getByLabel("Password", { exact: true }).fill(PASSWORD);
    await sheet.getByRole("button", { name: "Log in" }).click();
    await sheet.waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("link", { name: /Kept through it all/ }).waitFor();
  },
);

screen("the app lock hides everything, and help stays in reach", async (page, context) => {
  await person(context);
  await page.goto("/account");
  await page.getByRole("switch", { name: "App lock" }).click();
  const dialog = page.getByRole("dialog", { name: "Choose a code" });
  await dialog.getByLabel("Code").fill("2468");
  await dialog.getByLabel("The same once more").fill("2468");
  await dialog.getByRole("button", { name: "Turn on the lock" }).click();
  await page.getByRole("button", { name: "Lock now" }).click();
  await heading(page, "Locked");
  await look(page, "locked");
  await page.getByLabel("Code").fill("1111");
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByText("That is not the code.").waitFor();
  await page.reload();
  await heading(page, "Locked");
  await page.getByRole("link", { name: /Help now/ }).click();
  await heading(page, "You are not alone.");
  await page.goto("/");
  await page.getByLabel("Code").fill("2468");
  await page.getByRole("button", { name: "Unlock" }).click();
  await page.getByRole("heading", { name: "How are you right now?" }).waitFor();
});

screen("discreet mode gives nothing away at a glance", async (page, context) => {
  const { csrf } = await person(context);
  await write(context, csrf, { title: "Private", content: "words" });
  await page.goto("/account");
  await page.getByRole("switch", { name: "Discreet mode" }).click();
  await page.goto("/journal");
  await page.getByRole("link", { name: /Private/ }).waitFor();
  assert.equal(await page.title(), "Notes");
  await look(page, "discreet");
});

screen(
  "without a network the app opens, help is there, and a check-in waits its turn",
  async (page, context, problems) => {
    const { csrf } = await person(context);
    await write(context, csrf, { title: "Secret words", content: "in the journal" });
    await page.goto("/");
    await page.getByRole("link", { name: /Secret words/ }).waitFor();
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
      while (!navigator.serviceWorker.controller) {
        await new Promise((resolve) => {
          navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
        });
      }
    });
    const cached = await page.evaluate(async () => {
      const found = [];
      for (const name of await caches.keys()) {
        for (const request of await (await caches.open(name)).keys()) {
          found.push(new URL(request.url).pathname);
        }
      }
      return found;
    });
    assert.ok(cached.includes("/"), "the shell is not kept");
    assert.ok(!cached.some((path) => path.startsWith("/api")), "answers are kept");
    await context.setOffline(true);
    await page.getByText("No connection. Check-ins are kept").waitFor();
    await page.getByRole("radio", { name: "Good", exact: true }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Kept on this device.").waitFor();
    await page.goto("/help-now");
    await heading(page, "You are not alone.");
    await page.getByRole("link", { name: "Call 911" }).waitFor();
    await page.getByRole("link", { name: "Call 988" }).first().waitFor();
    await page.goto("/");
    await heading(page, "No connection");
    await look(page, "offline");
    await context.setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: /^Good/ }).waitFor();
    problems.length = 0;
  },
);

screen("two windows share one log-in and one log-out", async (page, context) => {
  await person(context);
  await page.goto("/account");
  const second = await context.newPage();
  await second.goto("/journal");
  await heading(second, "Journal");
  await page.getByRole("button", { name: "Log out", exact: true }).first().click();
  await heading(page, "Welcome back");
  await heading(second, "Welcome back");
});

screen("closing the account needs the password and can be undone", async (page, context) => {
  const { name } = await person(context);
  await page.goto("/account/data");
  await page.getByRole("button", { name: "Close my account" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await dialog.getByRole("button", { name: "Close my account" }).click();
  await heading(page, "Welcome back");
  await page.getByLabel("Username or e-mail address").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("button", { name: "Open my account again" }).click();
  await heading(page, "Robin");
});

screen("every part of the design holds in every theme", async (page) => {
  await page.goto("/design");
  await heading(page, "Design of Salus");
  await look(page, "design");
  await page.evaluate(() => localStorage.setItem("salus.prefs", '{"contrast":"more"}'));
  await page.reload();
  await heading(page, "Design of Salus");
  await look(page, "design-contrast");
});
