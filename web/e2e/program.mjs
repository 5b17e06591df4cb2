// Starts the real program with an empty data folder on a free port, and a real browser beside it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const ROOT = join(import.meta.dirname, "../..");
const SHOTS = join(ROOT, "web/shots");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function binary() {
  const wish = process.env.SALUS_BINARY;
  const found = [wish, "target/release/salus", "target/debug/salus"]
    .filter(Boolean)
    .map((path) => join(ROOT, path))
    .find(existsSync);
  if (!found) throw new Error("no `salus` is built: run `make release` first");
  return found;
}

export async function startProgram(settings = {}) {
  const folder = mkdtempSync(join(tmpdir(), "salus-e2e-"));
  const args = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder];
  // Nobody waits for a password to be hard to guess here, and there are models whose answers are
  // known.
  const quick = { SALUS__HTTP__RATES: "generous", SALUS__MODELS__SCRIPTED: "true" };
  const env = { ...process.env, ...quick, ...settings };
  const child = spawn(binary(), args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let log = "";
  const said = (pattern) =>
    new Promise((resolve, reject) => {
      const look = (chunk) => {
        log += chunk;
        const found = log.match(pattern);
        if (found) resolve(found[1]);
      };
      child.stdout.on("data", look);
      child.stderr.on("data", look);
      child.once("exit", (code) => reject(new Error(`salus ended with ${code}:\n${log}`)));
    });
  const begin = new URL(await said(/Begin here: (\S+)/));
  return {
    url: begin.origin,
    setupUrl: begin.href,
    log: () => log,
    async stop() {
      const gone = child.exitCode !== null || child.signalCode !== null;
      const ended = gone || once(child, "exit", { signal: AbortSignal.timeout(20_000) });
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function startBrowser() {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  if (!existsSync(executablePath)) {
    throw new Error("Chromium is missing: tools/chromium.sh installs it from Debian's packages");
  }
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"];
  args.push("--disable-background-networking", "--disable-component-update", "--disable-sync");
  return chromium.launch({ executablePath, args });
}

// A page that fails its test on any error in the console, request elsewhere, or broken policy.
export async function openPage(browser, program, options = {}) {
  const context = await browser.newContext({
    baseURL: program.url,
    locale: "en-US",
    timezoneId: "America/New_York",
    viewport: { width: 1280, height: 800 },
    ...options,
  });
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const problems = [];
  page.on("console", (message) => {
    // The browser reports each answer of 4xx; which of them are right is for the tests to say.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) {
      problems.push(message.text());
    }
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  context.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(program.url) && !/^(data|blob):/.test(url)) problems.push(`asks ${url}`);
  });
  return { context, page, problems };
}

// No violation of the WCAG rules that a machine can see, in light and dark, phone and desktop.
export async function look(page, name) {
  const before = page.viewportSize();
  const violations = [];
  for (const [size, viewport] of [
    ["phone", { width: 390, height: 844 }],
    ["desktop", { width: 1280, height: 800 }],
  ]) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      violations.push(...(await axe(page, `${name} ${size} ${colorScheme}`)));
      if (process.env.SALUS_SHOTS) await shoot(page, `${name}-${size}-${colorScheme}`);
    }
  }
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  if (before) await page.setViewportSize(before);
  if (violations.length > 0) throw new Error(`axe: ${violations.join("\n")}`);
}

async function axe(page, where) {
  // Brought to their end rather than waited for: a page that nobody looks at may draw no frames.
  // The end of one may begin the next, where a colour is inherited.
  await page.evaluate(() => {
    const moves = (one) =>
      one.playState !== "finished" &&
      one.playbackRate !== 0 &&
      one.effect?.getComputedTiming().endTime !== Number.POSITIVE_INFINITY;
    for (let round = 0; round < 10; round += 1) {
      for (const one of document.getAnimations().filter(moves)) one.finish();
    }
  });
  // As a function of the test's, not as a script of the page's: the policy stays as it is.
  await page.evaluate(AXE);
  const { violations, wide } = await page.evaluate(async () => {
    const result = await globalThis.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    });
    return {
      violations: result.violations.map(
        (found) =>
          `${found.id}: ${found.nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ""}`).join("; ")}`,
      ),
      wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    };
  });
  const problems = violations.map((text) => `${where}: ${text}`);
  if (wide > 0) problems.push(`${where}: the page is ${wide} px wider than the screen`);
  return problems;
}

async function shoot(page, name) {
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: join(SHOTS, `${name}.png`) });
}
