// The desk of the crisis team, emergencies, and what looks after both.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { keeper, PASSWORD, person, whoIs, withRole, write } from "./people.mjs";
import { look, openPage } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen, program, browser } = screens();
const keep = keeper(program);

// A second browser beside the first, with somebody else in it.
async function elsewhere(act) {
  const { context, page, problems } = await openPage(browser(), program());
  try {
    await act(page, context);
    assert.deepEqual(problems, []);
  } finally {
    await context.close();
  }
}

async function administrator(act) {
  const context = await browser().newContext({ baseURL: program().url });
  const csrf = await keep(context);
  try {
    return await act({ request: context.request, csrf });
  } finally {
    await context.close();
  }
}

const role = (context, name) => administrator((admin) => withRole(context, name, admin));

screen(
  "whoever asks for a human waits, is answered, and sees what became of it",
  async (page, context) => {
    await person(context);
    await page.goto("/help-now");
    await page.getByRole("link", { name: "Ask for a human here" }).click();
    await heading(page, "Ask for a human");
    await page.getByText("You have not asked so far.").waitFor();
    await page.getByLabel("What they may read").fill("I cannot do this alone tonight.");
    await page.getByRole("button", { name: "Ask for a human" }).click();
    await page.getByText("It is with the crisis team of this Salus.").waitFor();
    await page.getByText("Waits. Nobody has seen it yet.").last().waitFor();
    await look(page, "human");
    await elsewhere(async (desk, context) => {
      await role(context, "crisis_responder");
      await desk.goto("/account");
      await desk.getByRole("link", { name: "Crisis team" }).click();
      await heading(desk, "Crisis team");
      await desk.getByText(/^Person /).waitFor();
      assert.equal(await desk.getByText("I cannot do this alone tonight.").count(), 0);
      await look(desk, "team-queue");
      await desk.getByRole("button", { name: "Take it" }).click();
      await desk.getByText("I cannot do this alone tonight.").waitFor();
      await desk.getByLabel("A note for yourself and the record").fill("Called the night service.");
      await desk.getByRole("button", { name: "Keep the note" }).click();
      await desk.getByText("Called the night service.").waitFor();
      await look(desk, "team-case");
      await page.reload();
      await page.getByText("Somebody of the team has it.").waitFor();
      await desk.getByRole("button", { name: "Close the case" }).click();
      const sheet = desk.getByRole("dialog");
      await sheet.getByLabel("A last word, for the record").fill("Safe with her sister.");
      await look(desk, "team-close");
      await sheet.getByRole("button", { name: "Close the case" }).click();
      await desk.getByText(/^Asked .* Closed/).waitFor();
      await desk.getByRole("link", { name: "Back to who waits" }).click();
      await desk.getByText("Nobody waits.").waitFor();
      await look(desk, "team-empty");
      await desk.getByLabel("Show").selectOption("closed");
      await desk.getByRole("link", { name: "Open", exact: true }).waitFor();
    });
    await page.reload();
    await page.getByText("Closed. You can ask again.").waitFor();
  },
);

screen("a case that somebody has is nobody else's", async (page, context) => {
  await role(context, "crisis_responder");
  await elsewhere(async (_, asking) => {
    const { csrf } = await person(asking);
    const headers = { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" };
    const answer = await asking.request.post("/api/crisis/escalate", { headers, data: {} });
    assert.equal(answer.status(), 201, await answer.text());
  });
  await page.goto("/team");
  await page.getByRole("button", { name: "Take it" }).waitFor();
  await elsewhere(async (other, context) => {
    await role(context, "crisis_responder");
    await other.goto("/team");
    await other.getByRole("button", { name: "Take it" }).click();
    await other.getByText("The person asked for a human and wrote nothing.").waitFor();
  });
  await page.getByRole("button", { name: "Take it" }).click();
  await page.getByText("Nobody waits.").waitFor();
  await page.getByLabel("Show").selectOption("claimed");
  await page.getByText(/somebody else has it/).waitFor();
  assert.equal(await page.getByRole("link", { name: "Open", exact: true }).count(), 0);
});

screen("without a second factor the desk shows the way to one", async (page, context) => {
  const { name } = await person(context);
  const id = await whoIs(context);
  await administrator(async ({ request, csrf }) => {
    const headers = { "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" };
    const data = { roles: ["user", "crisis_responder"] };
    const answer = await request.patch(`/api/admin/users/${id}`, { headers, data });
    assert.equal(answer.status(), 200);
  });
  await page.goto("/login");
  await page.getByLabel("Username or e-mail address").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("heading", { name: "How are you right now?" }).waitFor();
  await page.goto("/team/emergency");
  await page.getByRole("link", { name: "To your second factor" }).waitFor();
  await look(page, "team-factor");
});

screen("whoever is not of the team sees nothing of it", async (page, context) => {
  await person(context);
  await page.goto("/team");
  await page.getByText("This is for the crisis team and for care providers.").waitFor();
});

screen("an emergency card is made, printed, checked and taken back", async (page, context) => {
  await person(context);
  await page.goto("/account");
  await page.getByRole("link", { name: "Emergency" }).click();
  await page.getByText("You have no card.").waitFor();
  await page.getByLabel("Allergies").fill("Hazelnuts");
  await page.getByLabel("Medicines and doses").fill("Warfarin 5 mg");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText(/^Saved on/).waitFor();
  await page.getByRole("button", { name: "Make a card" }).click();
  await page.getByRole("checkbox", { name: "Allergies" }).uncheck();
  await look(page, "emergency-form");
  const answer = page.waitForResponse((one) => one.request().method() === "POST");
  await page.getByRole("button", { name: "Make the card" }).click();
  const { token } = await (await answer).json();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Medicines and doses").fill("Warfarin 5 mg, evenings");
  await sheet.getByRole("img", { name: /A code that leads/ }).waitFor();
  await look(page, "emergency-card");
  await page.emulateMedia({ media: "print" });
  assert.equal(await sheet.getByLabel("Medicines and doses").isVisible(), false);
  assert.equal(await page.getByRole("region", { name: "Emergency card" }).isVisible(), true);
  await page.emulateMedia({ media: "screen" });
  await sheet.getByRole("button", { name: "I have printed it" }).click();
  await page.getByText(/used 0 of 20 times/).waitFor();
  await elsewhere(async (visitor) => {
    await visitor.goto(`/emergency#${token}`);
    await visitor.getByText(/This card is good until/).waitFor();
    assert.equal(new URL(visitor.url()).hash, "", "the code stayed in the address");
    await look(visitor, "emergency-scope");
    await visitor.getByRole("button", { name: "Open it" }).click();
    await visitor.getByText("Warfarin 5 mg").waitFor();
    assert.equal(await visitor.getByText("Hazelnuts").count(), 0, "not on the card");
    await look(visitor, "emergency-opened");
  });
  await page.getByRole("button", { name: "Take back" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Take back" }).click();
  await page.getByText("You have no card.").waitFor();
  await elsewhere(async (visitor) => {
    await visitor.goto(`/emergency#${token}`);
    await visitor.getByRole("alert").waitFor();
    await visitor.goto("/emergency");
    await visitor.getByText(/There is no code in this address/).waitFor();
  });
});

screen(
  "emergency access has a reason, is told to the person, and is reviewed",
  async (page, context) => {
    await person(context);
    const id = await whoIs(context);
    await elsewhere(async (desk, context) => {
      await role(context, "provider");
      await desk.goto("/team");
      await desk.getByLabel("The number of the person").fill(id);
      await desk.getByLabel("What is the matter").selectOption("poisoning");
      await desk.getByLabel("Why, in your own words").fill("Found unconscious beside a bottle.");
      await look(desk, "override");
      await desk.getByRole("button", { name: "Open for an hour" }).click();
      await desk.getByText(/^Opened until/).waitFor();
      await look(desk, "override-made");
    });
    await page.goto("/account/emergency");
    await page.getByText("Found unconscious beside a bottle.").waitFor();
    await page.getByText(/Not reviewed yet/).waitFor();
    await look(page, "emergency-accesses");
    await elsewhere(async (admin, context) => {
      await keep(context);
      await admin.goto("/admin/emergencies");
      await admin.getByText(`Robin (${id})`).waitFor();
      await look(admin, "admin-emergencies");
      await admin.getByRole("button", { name: "It was justified" }).click();
      const sheet = admin.getByRole("alertdialog");
      await sheet.getByRole("button", { name: "Record it" }).click();
      await admin.getByText("Nothing waits for a review.").waitFor();
    });
    await page.reload();
    await page.getByText(/Reviewed on/).waitFor();
  },
);

screen("an administrator hands over a link and forgives wrong tries", async (page, context) => {
  await keep(context);
  const guest = await browser().newContext({ baseURL: program().url });
  const { name } = await person(guest);
  await page.goto("/admin");
  await page.getByRole("searchbox").fill(name);
  await page.getByRole("button", { name: new RegExp(`${name} ·`) }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByRole("button", { name: "Forgive wrong tries" }).click();
  await sheet.getByText(/Wrong tries are forgiven/).waitFor();
  await sheet.getByText("A link to hand over").click();
  await sheet.getByRole("button", { name: "For a new password" }).click();
  const link = await sheet.getByText(/\/reset-password#/).textContent();
  await look(page, "admin-link");
  const visit = await guest.newPage();
  await visit.goto(link);
  await visit.getByLabel("A new password").fill("six loud herons fly away");
  await visit.getByRole("button", { name: "Change the password" }).click();
  await visit.getByText("Your new password is set.").waitFor();
  await guest.close();
});

// Counting is a job of its own, which runs a moment later.
async function counted(context) {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await context.request.get("/api/admin/crisis/report");
    const { counts } = await answer.json();
    if (counts.some((one) => one.source === "journal" && one.level === "imminent")) return;
    await pause(100);
  }
  throw new Error("nothing was counted");
}

screen("the yearly report names nobody, and the ledger leaves as a file", async (page, context) => {
  await keep(context);
  await page.goto("/admin/report");
  await elsewhere(async (_, context) => {
    const { csrf } = await person(context);
    const content = "I have the pills here and I am going to kill myself tonight.";
    await write(context, csrf, { content });
  });
  await counted(context);
  await page.reload();
  await page.getByText("fewer than 11").first().waitFor();
  await look(page, "admin-report");
  const [report] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as CSV" }).click(),
  ]);
  assert.match(await readFile(await report.path(), "utf8"), /,journal,imminent,<11\r\n/);
  await page.goto("/admin/audit");
  await page.getByText("Save these as a file").click();
  const [ledger] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "NDJSON" }).click(),
  ]);
  const lines = (await readFile(await ledger.path(), "utf8")).trim().split("\n");
  assert.ok(lines.map((line) => JSON.parse(line)).length > 0);
});
