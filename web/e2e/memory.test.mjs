// What the companion remembers: switched on, written down, told with an answer, changed, forgotten.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { person } from "./people.mjs";
import { look } from "./program.mjs";
import { screens } from "./screens.mjs";

const { screen } = screens();

screen(
  "a fact is kept, shown under the answer that asked for it, and forgotten",
  async (page, context) => {
    await person(context);
    await page.goto("/account");
    await page.getByRole("link", { name: "Memory" }).click();
    await page.getByText("Nothing yet.").waitFor();
    await page.getByText(/found by the words it shares/).waitFor();
    assert.equal(await page.getByRole("button", { name: "Remember something" }).count(), 0);
    await look(page, "memory-off");
    await page.getByRole("switch", { name: "Remember me" }).click();
    await page.getByRole("button", { name: "Remember something" }).click();
    await page.getByLabel("What should be remembered?").fill("I keep bees.");
    await page.getByText("488 characters left").waitFor();
    await page.getByRole("button", { name: "Remember it" }).click();
    await page.getByText("I keep bees.").waitFor();
    await look(page, "memory");

    await page.getByRole("button", { name: "Change: I keep bees." }).click();
    await page.getByLabel("What should be remembered?").fill("I keep three hives of bees.");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await page.getByText("I keep three hives of bees.").waitFor();

    await page.goto("/chat");
    const field = page.getByRole("textbox", { name: "Your message", exact: true });
    await field.fill("Remember that my dog is called Rex.");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("link", { name: "With 1 thing from your memory" }).click();
    await page.getByText("my dog is called Rex.", { exact: true }).waitFor();
    await page.getByText(/from a conversation/).waitFor();

    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save as a file" }).click();
    const file = JSON.parse(await readFile(await (await saved).path(), "utf8"));
    assert.deepEqual([file.salus_memory, file.facts.length], [1, 2]);

    await page.getByRole("button", { name: "Delete: my dog is called Rex." }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
    const list = page.locator("#main");
    await list.getByText("my dog is called Rex.").waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Forget everything" }).click();
    await page.getByRole("alertdialog").getByRole("button", { name: "Forget everything" }).click();
    await page.getByText("Nothing yet.").waitFor();
    await page.getByRole("switch", { name: "Remember me" }).click();
    await page.getByRole("button", { name: "Remember something" }).waitFor({ state: "detached" });
  },
);
