// Care: exercises, questionnaires, the safety plan, diary cards and chains, with a network and without.
import assert from "node:assert/strict";
import { history, person } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen } = screens();

const HEADERS = (csrf) => ({ "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin" });

async function post(context, csrf, path, data) {
  const answer = await context.request.post(path, { data, headers: HEADERS(csrf) });
  assert.equal(answer.status(), 201, await answer.text());
  return answer.json();
}

const ready = (page) => page.waitForFunction(() => navigator.serviceWorker.controller !== null);
const daysAgo = (days) => new Date(Date.now() - days * 86_400_000).toISOString();

screen(
  "an exercise is found by need and words, and led through by keyboard",
  async (page, context) => {
    await person(context);
    await page.goto("/care");
    await heading(page, "Care");
    await look(page, "care");
    await page.getByRole("link", { name: /^Exercises/ }).click();
    await heading(page, "Exercises");
    await look(page, "skills");
    await page.getByRole("button", { name: "Panic, or far away" }).click();
    await page.getByRole("link", { name: /5-4-3-2-1/ }).waitFor();
    await page.getByRole("searchbox", { name: "Search exercises" }).fill("xyzzy");
    await page.getByText("Nothing found").waitFor();
    await page.getByRole("searchbox", { name: "Search exercises" }).fill("feet");
    await page.getByRole("link", { name: /Feet on the floor/ }).click();
    await heading(page, "Feet on the floor");
    await page.getByRole("button", { name: "Start" }).focus();
    await page.keyboard.press("Enter");
    const timer = page.getByRole("region", { name: "Timer" });
    await timer.getByRole("status").getByText("Press both feet into the floor").waitFor();
    await page.keyboard.press("Enter");
    await timer.getByText("Paused. Take the time you need.").waitFor();
    const left = await timer.getByRole("timer").textContent();
    await page.getByRole("button", { name: "The next step" }).click();
    await page.getByRole("button", { name: "Go on" }).click();
    await timer.getByRole("status").getByText("Push your back").waitFor();
    assert.notEqual(await timer.getByRole("timer").textContent(), left);
    for (const _ of [2, 3, 4]) await page.getByRole("button", { name: "The next step" }).click();
    await timer.getByText("That was all.").waitFor();
    await page.getByRole("button", { name: "A little" }).click();
    await page.getByLabel("A line about it, if you like").fill("Better than before.");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Noted. Thank you.").waitFor();
    await page.getByRole("button", { name: "Mark it" }).click();
    await look(page, "skill-done");
    await page.goto("/care/skills");
    await page
      .getByRole("region", { name: "Has helped you before" })
      .getByText("Feet on")
      .waitFor();
    await page.getByRole("region", { name: "Marked by you" }).getByText("Feet on").waitFor();
  },
);

screen("a breath is led in words and numbers, moving or still", async (page, context) => {
  await person(context);
  await page.emulateMedia({ reducedMotion: "no-preference" });
  await page.goto("/care/skills/box-breathing");
  await page.getByText("Take care with: asthma or lung disease").waitFor();
  const timer = page.getByRole("region", { name: "Timer" });
  await timer.getByRole("switch", { name: "Without holding the breath" }).click();
  await timer.getByRole("button", { name: "Start" }).click();
  await timer.getByRole("status").getByText("Breathe in").waitFor();
  const size = () => timer.locator("circle").nth(1).getAttribute("r");
  const before = await size();
  await page.waitForFunction(
    (old) => document.querySelectorAll("[role=status] ~ *, circle")[1]?.getAttribute("r") !== old,
    before,
  );
  await timer.getByRole("button", { name: "Pause" }).click();
  await look(page, "skill-breath");
  assert.ok(
    (await timer.locator("circle").count()) >= 4,
    "the points of a beat, where nothing moves",
  );
});

screen("a worksheet stays on the device, then goes into the journal", async (page, context) => {
  await person(context);
  await page.goto("/care/skills/thought-record");
  await page.getByLabel("Situation", { exact: true }).fill("The bus was late");
  await page
    .getByRole("group", { name: "How strong before" })
    .getByRole("radio", { name: "7" })
    .check({ force: true });
  await look(page, "skill-sheet");
  await page.getByRole("link", { name: "Exercises" }).first().click();
  await heading(page, "Exercises");
  await page.goto("/care/skills/thought-record");
  assert.equal(
    await page.getByLabel("Situation", { exact: true }).inputValue(),
    "The bus was late",
  );
  await page.getByRole("button", { name: "Keep it in my journal" }).click();
  await page.getByText("Kept in your journal.").waitFor();
  await page.goto("/journal");
  await page.getByRole("link", { name: /Thought record/ }).waitFor();
});

screen(
  "without a network the exercises are there, from the very start of the app",
  async (page, context, problems) => {
    await page.goto("/care/skills");
    await heading(page, "Exercises");
    await ready(page);
    await page.goto("/care/skills/grounding-54321");
    await context.setOffline(true);
    await page.reload();
    await heading(page, "5-4-3-2-1");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("status").getByText("Name five things you see.").waitFor();
    await page.goto("/");
    await page.getByRole("link", { name: "Exercises" }).click();
    await heading(page, "Exercises");
    await look(page, "skills-offline");
    problems.length = 0;
  },
);

screen("what the app knows by itself is what the server says", async (page, context) => {
  await page.goto("/care/skills");
  const answer = await context.request.get("/api/skills?limit=100&language=en");
  for (const skill of (await answer.json()).skills) {
    await page
      .getByRole("link", { name: new RegExp(skill.title.replace(/[?()]/g, "\\$&")) })
      .first()
      .waitFor();
  }
});

screen(
  "a questionnaire goes one question at a time, survives a reload, and says what it is not",
  async (page, context) => {
    await person(context);
    await page.goto("/care/questionnaires");
    await heading(page, "Questionnaires");
    await look(page, "questionnaires");
    await page.getByRole("link", { name: /GAD-7/ }).click();
    await heading(page, "GAD-7");
    await page.getByText("It is no diagnosis").waitFor();
    await look(page, "questionnaire-begin");
    await page.getByRole("button", { name: "Begin" }).click();
    for (const at of [1, 2, 3]) {
      await page.getByText(`${at} of 7`).waitFor();
      await page.getByText("Several days", { exact: true }).click();
    }
    await page.getByText("4 of 7").waitFor();
    await look(page, "questionnaire-question");
    await page.waitForFunction(async () => (await indexedDB.databases()).length > 0);
    await page.getByRole("button", { name: "All questions at once" }).click();
    await page.getByText("4 still open").waitFor();
    await look(page, "questionnaire-list");
    await page.getByRole("link", { name: "Questionnaires" }).first().click();
    await page.getByRole("link", { name: /GAD-7/ }).click();
    await page.getByRole("button", { name: "Go on where you were" }).click();
    // By keyboard: arrows choose, and nothing runs ahead.
    for (const at of [4, 5, 6, 7]) {
      await page.getByText(`${at} of 7`).waitFor();
      await page.getByRole("radio").first().focus();
      await page.keyboard.press("Space");
      await page.keyboard.press("ArrowDown");
      await page.getByText(`${at} of 7`).waitFor();
      if (at < 7) await page.getByRole("button", { name: "Next" }).press("Enter");
    }
    await page.getByRole("button", { name: "See the result" }).press("Enter");
    await page.getByRole("heading", { name: "Your result" }).waitFor();
    await page.getByText("of 21 points").waitFor();
    await page.getByText("not a diagnosis").waitFor();
    await look(page, "questionnaire-result");
  },
);

screen(
  "an answer that asks for help is answered with help, in place and at once",
  async (page, context) => {
    await person(context);
    await page.goto("/care/questionnaires/phq-9");
    await page.getByRole("button", { name: "Begin" }).click();
    for (let at = 1; at <= 8; at += 1) {
      await page.getByText(`${at} of 9`).waitFor();
      await page.getByText("Not at all", { exact: true }).click();
    }
    await page.getByText("9 of 9").waitFor();
    await page.getByText("Several days", { exact: true }).click();
    await page.getByRole("link", { name: /Call 988/ }).waitFor();
    await page.getByText("You can go on with the questions, or leave them.").waitFor();
    await look(page, "questionnaire-help");
    await page.getByRole("button", { name: "See the result" }).click();
    await page.getByRole("heading", { name: "Your result" }).waitFor();
    await page.getByRole("complementary", { name: "Help now" }).waitFor();
    await look(page, "questionnaire-help-result");
  },
);

screen(
  "results over time are a line with bands, and a change says whether it is more than chance",
  async (page, context) => {
    const { csrf } = await person(context);
    for (const [days, value] of [
      [60, 2],
      [30, 2],
      [14, 1],
    ]) {
      const answers = Object.fromEntries(
        Array.from({ length: 9 }, (_, at) => [String(at + 1), at === 8 ? 0 : value]),
      );
      await post(context, csrf, "/api/wellbeing/results", {
        questionnaire: "phq-9",
        answers,
        occurred_at: daysAgo(days),
      });
    }
    await page.goto("/care/questionnaires/phq-9");
    await page.getByRole("img", { name: /3 results, from 16 points at first to 8/ }).waitFor();
    await page.getByText("score fell by 8 points").first().waitFor();
    await look(page, "questionnaire-trend");
    await page
      .getByRole("button", { name: /Delete the result of/ })
      .first()
      .click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("img", { name: /2 results/ }).waitFor();
  },
);

screen(
  "answers given without a network wait, and the result comes later",
  async (page, context, problems) => {
    await person(context);
    await page.goto("/care/questionnaires/phq-2");
    await ready(page);
    await page.getByRole("button", { name: "Begin" }).click();
    await context.setOffline(true);
    await page.getByText("Not at all", { exact: true }).click();
    await page.getByText("2 of 2").waitFor();
    await page.getByText("Not at all", { exact: true }).click();
    await page.getByRole("button", { name: "See the result" }).click();
    await page.getByRole("heading", { name: "Your answers are kept" }).waitFor();
    await look(page, "questionnaire-waiting");
    await context.setOffline(false);
    await page.getByRole("heading", { name: "Over time" }).waitFor();
    problems.length = 0;
  },
);

screen(
  "a safety plan is written in steps, read, changed and kept on the device for a bad hour",
  async (page, context, problems) => {
    await person(context);
    await page.goto("/care/plan");
    await heading(page, "My safety plan");
    await look(page, "plan-empty");
    await page.getByRole("link", { name: "Write my plan" }).click();
    await page.getByLabel("Signs that it is getting dangerous, line 1").fill("I stop answering");
    await page.getByRole("button", { name: "I lie awake until three" }).click();
    await page.getByRole("button", { name: "Next" }).click();
    await page.getByLabel("What I can do by myself, line 1").fill("Walk around the block");
    await look(page, "plan-edit");
    await page.getByRole("button", { name: "People I can ask for help" }).click();
    await page.getByLabel("People I can ask for help, name 1").fill("Ada");
    await page.getByLabel("People I can ask for help, number 1").fill("555 0100");
    await look(page, "plan-edit-people");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Save" }).waitFor({ state: "detached" });
    await page.goto("/care/plan");
    const call = page.getByRole("link", { name: "Call 555 0100" });
    await call.waitFor();
    assert.equal(await call.getAttribute("href"), "tel:5550100");
    await look(page, "plan");
    await page.emulateMedia({ media: "print" });
    assert.equal(await page.getByRole("link", { name: "Change" }).isVisible(), false);
    assert.equal(await page.getByText("Walk around the block").isVisible(), true);
    await page.emulateMedia({ media: "screen" });
    await page.getByRole("switch", { name: "Keep a copy on this device" }).click();
    await page.getByRole("switch", { name: "Keep a copy on this device", checked: true }).waitFor();
    await ready(page);
    await context.setOffline(true);
    await page.goto("/help-now");
    await look(page, "help-plan");
    await page.getByRole("link", { name: "My safety plan" }).click();
    await page.getByText("The copy on this device, as of").waitFor();
    await page.getByText("Walk around the block").waitFor();
    await page.reload();
    await page.getByText("Walk around the block").waitFor();
    await look(page, "plan-copy");
    await context.setOffline(false);
    await page.goto("/account");
    await page.getByRole("button", { name: "Log out", exact: true }).first().click();
    await heading(page, "Welcome back");
    await page.goto("/care/plan");
    await page.getByText("There is no plan on this device.").waitFor();
    await look(page, "plan-nobody");
    problems.length = 0;
  },
);

screen("a plan that was changed elsewhere is not overwritten unasked", async (page, context) => {
  const { csrf } = await person(context);
  const entry = { reasons: { items: ["The sea"] } };
  const plan = await post(context, csrf, "/api/wellbeing/forms", { kind: "safety-plan", entry });
  await page.goto("/care/plan/edit");
  await page.getByRole("button", { name: "What I want to live for" }).click();
  await page.getByLabel("What I want to live for, line 2").fill("My cat");
  const other = await context.request.put(`/api/wellbeing/forms/${plan.id}`, {
    data: { kind: "safety-plan", entry: { reasons: { items: ["The mountains"] } } },
    headers: { ...HEADERS(csrf), "If-Match": '"v1"' },
  });
  assert.equal(other.status(), 200, await other.text());
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("This was changed somewhere else").waitFor();
  await look(page, "plan-conflict");
  await page.getByRole("button", { name: "Keep mine" }).click();
  await page.getByText("My cat").waitFor();
  await page.getByText("What it said before").click();
  await page.getByText("The mountains").waitFor();
  await look(page, "plan-before");
});

screen("a diary card takes a minute, and the week shows it", async (page, context) => {
  const { csrf } = await person(context);
  for (const [days, sadness] of [
    [1, 4],
    [2, 2],
    [3, 3],
  ]) {
    await post(context, csrf, "/api/wellbeing/forms", {
      kind: "diary-card",
      occurred_at: daysAgo(days),
      entry: {
        emotions: { marks: { sadness, joy: 5 - sadness } },
        urges: { marks: { withdraw: sadness - 1 } },
        actions: { marks: { moved: 1 } },
      },
    });
  }
  await page.goto("/care/diary");
  await heading(page, "Diary card");
  await page.getByRole("link", { name: "Fill in today" }).click();
  await page
    .getByRole("group", { name: "Sadness" })
    .getByRole("radio", { name: "2" })
    .check({ force: true });
  await look(page, "diary-day");
  await page
    .getByRole("group", { name: "To die" })
    .getByRole("radio", { name: "3" })
    .check({ force: true });
  await page.getByText("It is good that you said this.").waitFor();
  await look(page, "diary-urge");
  await page
    .getByRole("group", { name: "To die" })
    .getByRole("radio", { name: "0" })
    .check({ force: true });
  await page.getByLabel("Add an exercise").selectOption("stop");
  await page.getByRole("group", { name: "STOP" }).waitFor();
  await page.getByRole("textbox", { name: "A note" }).fill("A long day.");
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Diary card");
  await page.getByRole("link", { name: "Change today" }).waitFor();
  await page.getByRole("button", { name: "The week before" }).click();
  await page.getByRole("button", { name: "The week after" }).click();
  await look(page, "diary");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save as a file" }).click(),
  ]);
  assert.match(file.suggestedFilename(), /^salus-wellbeing-.*\.json$/);
});

screen("a chain is written link by link and read as a whole", async (page, context) => {
  await person(context);
  await page.goto("/care/chains");
  await page.getByText("None yet").waitFor();
  await look(page, "chains-empty");
  await page.getByRole("link", { name: "Begin one" }).click();
  await heading(page, "How did it come about?");
  await page
    .getByRole("textbox", { name: "What I want to understand" })
    .fill("I shouted at my brother on the phone.");
  await page.getByRole("button", { name: "What set it off" }).click();
  await page
    .getByRole("textbox", { name: "What set it off" })
    .fill("He asked about the money again.");
  await page.getByRole("button", { name: "The links of the chain" }).click();
  await page.getByLabel("The links of the chain, line 1").fill("He does not trust me");
  await page.getByLabel("What link 2 is").selectOption("feeling");
  await page.getByLabel("The links of the chain, line 2").fill("Shame, hot in the face");
  await page.getByRole("button", { name: "Move link 2 up" }).click();
  assert.equal(
    await page.getByLabel("The links of the chain, line 1").inputValue(),
    "Shame, hot in the face",
  );
  await look(page, "chain-links");
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Chain analysis");
  await look(page, "chains");
  await page.getByRole("link", { name: /I shouted at my brother/ }).click();
  await page.getByText("He does not trust me").waitFor();
  await look(page, "chain");
});

screen(
  "a check-in can look closer, and a strong urge brings help before anything is sent",
  async (page, context) => {
    const { csrf } = await person(context);
    await history(context, csrf, 3);
    await page.goto("/");
    await page.getByRole("radio", { name: "Low", exact: true }).click();
    await page.getByRole("button", { name: "Feelings and urges" }).click();
    await page.getByRole("button", { name: "Sadness" }).click();
    await page
      .getByRole("group", { name: "Sadness, from 0 to 10" })
      .getByRole("radio", { name: "8" })
      .check({ force: true });
    await look(page, "check-in-closer");
    await page.getByRole("button", { name: "To die" }).click();
    await page
      .getByRole("group", { name: "To die, from 0 to 10" })
      .getByRole("radio", { name: "7" })
      .check({ force: true });
    await page.getByRole("link", { name: /Call 988/ }).waitFor();
    await look(page, "check-in-urge");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved. Thank you").waitFor();
    await page.getByRole("complementary", { name: "Help now" }).waitFor();
    await page.getByRole("button", { name: /Sadness 8 · To die 7/ }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
    await page.getByRole("button", { name: /Sadness 8/ }).waitFor({ state: "detached" });
  },
);

screen(
  "what the figures say is said when it is honest, and suggestions come from the mood",
  async (page, context) => {
    const { csrf } = await person(context);
    await page.goto("/insights");
    await page.getByText("There are 0 days with both so far.").waitFor();
    await history(context, csrf, 70);
    await page.goto("/insights");
    await page.getByRole("heading", { name: "In words" }).waitFor();
    await page.getByText(/Over \d+ days/).waitFor();
    await page.getByText("need not cause each other").scrollIntoViewIfNeeded();
    await look(page, "insights-told");
    await page.goto("/");
    await page.getByRole("heading", { name: "This might suit you now" }).waitFor();
    await look(page, "today-suits");
  },
);

screen("an exercise that the companion names is one tap away", async (page, context) => {
  await person(context);
  await page.goto("/chat");
  await page.getByLabel("Your message").fill("Can we do a breathing exercise to calm down?");
  await page.keyboard.press("Enter");
  await page.getByText("About this answer").waitFor();
  await page.getByText("Open this exercise").first().waitFor();
  await look(page, "chat-exercise");
});

screen(
  "plan and questionnaires speak the person's language where it is about safety",
  async (page, context) => {
    await person(context);
    await page.goto("/care/plan");
    await heading(page, "Mein Sicherheitsplan");
    await page.getByRole("link", { name: "Meinen Plan schreiben" }).waitFor();
    await page.goto("/care/questionnaires/asq");
    await page.getByText(/Diagnose/).waitFor();
    await page.getByText(/Wortlaut/).waitFor();
    await look(page, "questionnaire-german");
    await page.goto("/care/questionnaires/phq-2");
    await page.getByText(/Wie oft fühlten Sie sich/).waitFor();
    assert.equal(await page.getByText(/Wortlaut/).count(), 0);
    await page.getByRole("button", { name: "Beginnen" }).click();
    await page.getByRole("radio", { name: "An einzelnen Tagen" }).waitFor();
    await page.goto("/care/skills/dear-man");
    await heading(page, "DEAR MAN: bitten oder Nein sagen");
    await look(page, "exercise-german");
  },
  { locale: "de-DE", timezoneId: "Europe/Berlin" },
);

const PLAN = "/care/plan";
const REASONS = "What I want to live for";

async function planOf(context, reason) {
  const { csrf } = await person(context);
  const entry = { reasons: { items: [reason] } };
  const plan = await post(context, csrf, "/api/wellbeing/forms", { kind: "safety-plan", entry });
  return { csrf, plan };
}

async function changeOffline(page, context, text) {
  await page.goto(PLAN);
  await ready(page);
  await page.getByRole("link", { name: "Change" }).click();
  await page.getByRole("button", { name: REASONS }).click();
  await page.getByLabel(`${REASONS}, line 2`).fill(text);
  await context.setOffline(true);
  await page.getByRole("button", { name: "Save" }).click();
  await heading(page, "Kept on this device");
}

screen(
  "a plan that is changed without a network shows the change and is sent later",
  async (page, context, problems) => {
    const { plan } = await planOf(context, "The sea");
    await changeOffline(page, context, "My cat");
    await look(page, "plan-waits");
    await page.getByRole("button", { name: "To the plan" }).click();
    await page.getByText("My cat").waitFor();
    const path = `/api/wellbeing/forms/${plan.id}`;
    const sent = page.waitForResponse((answer) => answer.request().method() === "PUT");
    await context.setOffline(false);
    assert.equal((await sent).status(), 200);
    const there = await (await context.request.get(path)).json();
    assert.deepEqual(there.entry.reasons.items, ["The sea", "My cat"]);
    assert.equal(there.version, 2);
    problems.length = 0;
  },
);

screen(
  "a change that waited while the plan was changed elsewhere is kept, and asked about",
  async (page, context, problems) => {
    const { csrf, plan } = await planOf(context, "The sea");
    await changeOffline(page, context, "My cat");
    const elsewhere = await context.request.put(`/api/wellbeing/forms/${plan.id}`, {
      data: { kind: "safety-plan", entry: { reasons: { items: ["The mountains"] } } },
      headers: { ...HEADERS(csrf), "If-Match": '"v1"' },
    });
    assert.equal(elsewhere.status(), 200, await elsewhere.text());
    const refused = page.waitForResponse((answer) => answer.request().method() === "PUT");
    await context.setOffline(false);
    assert.equal((await refused).status(), 412);
    await page.getByRole("button", { name: "To the plan" }).click();
    await page.getByText("The mountains").waitFor();
    await page.getByText("Something here is begun").waitFor();
    await look(page, "plan-begun");
    await page.getByRole("link", { name: "Go on" }).click();
    await page.getByText("This was changed somewhere else").waitFor();
    await page.getByRole("button", { name: "Keep mine" }).click();
    await page.getByText("My cat").waitFor();
    await page.getByText("What it said before").click();
    await page.getByText("The mountains").waitFor();
    problems.length = 0;
  },
);
