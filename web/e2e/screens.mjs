// What every file of tests begins with: a program, a browser, and pages that must not complain.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { openPage, startBrowser, startProgram } from "./program.mjs";

// A page that never answers fails its test instead of holding up all that follow.
export const LIMIT = { timeout: 90_000 };

export function screens() {
  let program;
  let browser;
  before(async () => {
    [program, browser] = await Promise.all([startProgram(), startBrowser()]);
  }, LIMIT);
  after(async () => {
    await browser?.close();
    await program?.stop();
  }, LIMIT);
  // A test with a page of its own, which must end without any complaint of the browser.
  function screen(name, body, options) {
    test(name, LIMIT, async () => {
      const { context, page, problems } = await openPage(browser, program, options);
      try {
        await body(page, context, problems);
        assert.deepEqual(problems, []);
      } catch (error) {
        error.message += `\n  at ${page.url()}`;
        throw error;
      } finally {
        await context.close();
      }
    });
  }
  return { screen, program: () => program, browser: () => browser };
}

export const heading = (page, name) => page.getByRole("heading", { name, level: 1 }).waitFor();
