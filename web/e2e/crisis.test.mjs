// Help in a crisis: from every screen, in every country, without a log-in and without a network.
import assert from "node:assert/strict";
import { person } from "./people.mjs";
import { look } from "./program.mjs";
import { heading, screens } from "./screens.mjs";

const { screen } = screens();

screen(
  "help is one tap and one key away from every screen, and needs no log-in",
  async (page, context) => {
    const places = ["/welcome", "/login", "/register", "/setup"];
    const inside = [
      "/",
      "/chat",
      "/journal",
      "/journal/new",
      "/insights",
      "/care",
      "/care/skills",
      "/care/plan",
      "/care/questionnaires/phq-9",
      "/care/diary",
      "/account",
      "/account/security",
      "/account/data",
    ];
    for (const path of [...places, ...inside]) {
      if (path === inside[0]) await person(context);
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await page.keyboard.press(path === "/chat" ? "F1" : "?");
      await heading(page, "You are not alone.");
      await page.goto(path);
      // The one of the frame comes first; a page may have another.
      await page
        .getByRole("link", { name: /Help now/ })
        .filter({ visible: true })
        .first()
        .click();
      await heading(page, "You are not alone.");
    }
  },
);

screen("the numbers of the place one is in can be called, texted and changed", async (page) => {
  await page.goto("/help-now");
  const emergency = page.getByRole("link", { name: "Call 911" });
  assert.equal(await emergency.getAttribute("href"), "tel:911");
  const text = page.getByRole("link", { name: "Text HOME to 741741" });
  assert.equal(await text.getAttribute("href"), "sms:741741?&body=HOME");
  await look(page, "help");
  await page.getByLabel("Where are you?").selectOption("AT");
  await page.getByRole("link", { name: "Call 142" }).waitFor();
  await page.reload();
  await page.getByRole("link", { name: "Call 144" }).waitFor();
  assert.equal(await page.getByLabel("Where are you?").inputValue(), "AT");
  await page.getByLabel("Where are you?").selectOption("");
  await page.getByText("Call the emergency number of the place where you are").waitFor();
});

screen("what the app knows by itself is what the server says", async (page, context) => {
  await page.goto("/help-now");
  for (const country of ["US", "DE", "IN", "BR", "KE"]) {
    await page.getByLabel("Where are you?").selectOption(country);
    const answer = await context.request.get(`/api/crisis/hotlines?country=${country}&language=en`);
    const { emergency, lines } = await answer.json();
    for (const number of emergency) {
      await page
        .getByRole("link", { name: `Call ${number}`, exact: true })
        .first()
        .waitFor();
    }
    for (const line of lines) {
      await page.getByRole("heading", { name: line.name, exact: true }).first().waitFor();
    }
  }
});

screen(
  "help speaks the language of the browser",
  async (page) => {
    await page.goto("/help-now");
    await heading(page, "आप अकेले नहीं हैं।");
    await page.getByRole("link", { name: "112 पर कॉल करें" }).waitFor();
    await look(page, "help-hindi");
  },
  { locale: "hi-IN", timezoneId: "Asia/Kolkata" },
);

screen(
  "what is being written is looked at on the device, offline too, and help is offered in place",
  async (page, context) => {
    await person(context);
    await page.goto("/journal/new");
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    const sent = [];
    page.on("request", (request) => {
      if (!["GET", "HEAD"].includes(request.method())) sent.push(request.url());
    });
    await context.setOffline(true);
    const text = page.getByLabel("What is on your mind?");
    await text.fill("A long walk by the river, then soup.");
    await text.fill("I have the pills here and I am going to kill myself tonight.");
    await page.getByText("It is good that you said this.").waitFor();
    await look(page, "draft-care");
    assert.deepEqual(sent, []);
    await page.getByRole("link", { name: "More help" }).click();
    await heading(page, "You are not alone.");
  },
);

// The server asks some hours later; the browser cannot wait for that, so its question is given here.
const QUESTION = {
  response: {
    text: "Yesterday sounded hard. How are you now?",
    footer: "",
    actions: [],
    steps: [],
  },
  resources: {
    emergency: ["911"],
    directories: [],
    lines: [{ id: "us-988", name: "988", call: "988" }],
  },
};

screen(
  "whoever comes back after an alert is asked once how they are, on Today and where they talk",
  async (page, context) => {
    await person(context);
    const answers = [];
    let question = QUESTION;
    await page.route("**/api/crisis/follow-up*", async (route) => {
      if (route.request().method() === "POST") {
        const { answer } = route.request().postDataJSON();
        answers.push(answer);
        question = answer === "hard" ? QUESTION : null;
        if (answer === "hard") {
          await route.fulfill({ json: { question } });
          question = null;
          return;
        }
      }
      await route.fulfill({ json: { question } });
    });
    const asked = page.getByRole("region", { name: "How are you?" });
    await page.goto("/");
    await asked.getByText("Yesterday sounded hard.").waitFor();
    await look(page, "follow-up-today");
    await page.getByRole("link", { name: "Talk" }).first().click();
    await asked.getByText("Yesterday sounded hard.").waitFor();
    await look(page, "follow-up-chat");
    await asked.getByRole("button", { name: "It is still hard" }).click();
    await asked.getByRole("link", { name: /Call 988/ }).waitFor();
    await asked.getByRole("link", { name: "More help" }).waitFor();
    await look(page, "follow-up-hard");
    assert.deepEqual(answers, ["hard"]);
    await page.goto("/");
    await heading(page, /Robin/);
    await asked.waitFor({ state: "detached" });
  },
);
