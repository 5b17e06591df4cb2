// What four pages cost a telephone and a desktop, measured in Chromium by its own clocks and scored
// with the curves that Lighthouse 12 publishes. No dependency: Lighthouse itself wants a newer Node
// and brings a hundred packages. See bench/README.md for figures and for what this does not measure.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { openPage, startBrowser, startProgram } from "../e2e/program.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RUNS = Number(process.env.RUNS ?? 5);
const PASSWORD = "five quiet herons stand still";

// Networks and processors as Lighthouse slows them down, and its curves: good for one in ten, median.
const KINDS = {
  phone: {
    viewport: { width: 412, height: 823 },
    network: { latency: 150, downloadThroughput: 204_800, uploadThroughput: 93_750 },
    slower: 4,
    curves: { fcp: [1800, 3000], si: [3387, 5800], lcp: [2500, 4000], tbt: [200, 600] },
  },
  desktop: {
    viewport: { width: 1350, height: 940 },
    network: { latency: 40, downloadThroughput: 1_280_000, uploadThroughput: 1_280_000 },
    slower: 1,
    curves: { fcp: [934, 1600], si: [1311, 2300], lcp: [1200, 2400], tbt: [150, 350] },
  },
};
const WEIGHTS = { fcp: 0.1, si: 0.1, lcp: 0.25, tbt: 0.3, cls: 0.25 };
const ONLY = process.env.ONLY;
const PLACES = [
  ["Log-in", "/login", false],
  ["Help", "/help-now", false],
  ["Today", "/", true],
  ["Chat", "/chat", true],
];

const program = await startProgram();
const browser = await startBrowser();
const below = [];
const notes = [];
try {
  const cookies = await member();
  console.log(
    "| page | on | FCP | LCP | TBT | CLS | performance | accessibility | best practices |",
  );
  console.log("|---|---|---|---|---|---|---|---|---|");
  for (const [name, path, inside] of PLACES.filter(([name]) => !ONLY || ONLY === name)) {
    for (const [kind, settings] of Object.entries(KINDS)) {
      const runs = [];
      for (let run = 0; run < RUNS; run += 1) {
        runs.push(await visit(path, settings, inside ? cookies : []));
      }
      report(name, kind, runs);
    }
  }
} finally {
  await browser.close();
  await program.stop();
}
for (const text of [...notes, ...below]) console.log(text);
if (below.length > 0) process.exitCode = 1;

async function member() {
  const context = await browser.newContext({ baseURL: program.url });
  const data = {
    username: "speed",
    password: PASSWORD,
    cookie: true,
    consents: { terms: true, health_data: true },
  };
  const answer = await context.request.post("/api/auth/register", { data });
  if (answer.status() !== 201) throw new Error(await answer.text());
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

// A first visit: nothing kept, no worker yet.
async function visit(path, { viewport, network, slower, curves }, cookies) {
  const { context, page } = await openPage(browser, program, { viewport });
  await context.addCookies(cookies);
  const complaints = [];
  const session = await context.newCDPSession(page);
  session.on("Audits.issueAdded", ({ issue }) => {
    const { genericIssueDetails: more } = issue.details;
    complaints.push(more?.errorType ?? issue.code);
  });
  session.on("Log.entryAdded", ({ entry }) => {
    if (entry.level === "error") complaints.push(`console: ${entry.text}`);
  });
  await session.send("Audits.enable");
  await session.send("Log.enable");
  await session.send("Network.enable");
  await session.send("Network.emulateNetworkConditions", { offline: false, ...network });
  await session.send("Emulation.setCPUThrottlingRate", { rate: slower });
  await page.addInitScript(watch);
  await page.goto(path, { waitUntil: "load", timeout: 60_000 });
  await page.getByRole("heading", { level: 1 }).waitFor({ timeout: 60_000 });
  await page.waitForTimeout(4000);
  const { fcp, lcp, cls, long } = await page.evaluate(() => globalThis.watched);
  const tbt = long
    .filter(([start, took]) => start + took > fcp)
    .reduce((all, [, took]) => all + Math.max(0, took - 50), 0);
  // How the page fills between its first and its largest paint is not filmed: the later is taken.
  const found = { fcp, si: lcp, lcp, tbt, cls };
  await session.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  await page.evaluate(AXE);
  const violations = await page.evaluate(
    async () => (await globalThis.axe.run()).violations.length,
  );
  const practice = await page.evaluate(practices);
  await context.close();
  return { ...found, score: performance(found, curves), violations, practice, complaints };
}

function watch() {
  const watched = { fcp: 0, lcp: 0, cls: 0, long: [] };
  globalThis.watched = watched;
  const on = (type, take) =>
    new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({
      type,
      buffered: true,
    });
  on("paint", (one) => {
    if (one.name === "first-contentful-paint") watched.fcp = one.startTime;
  });
  on("largest-contentful-paint", (one) => {
    watched.lcp = one.startTime;
  });
  on("layout-shift", (one) => {
    if (!one.hadRecentInput) watched.cls += one.value;
  });
  on("longtask", (one) => watched.long.push([one.startTime, one.duration]));
}

// What Lighthouse calls best practices, as far as it concerns a page of our own.
function practices() {
  const images = [...document.images];
  return {
    doctype: document.doctype?.name === "html",
    charset: document.characterSet === "UTF-8",
    secure: isSecureContext,
    paste: [...document.querySelectorAll("input")].every((field) => !field.onpaste),
    images: images.every((one) => one.naturalWidth > 0 || one.src.endsWith(".svg")),
    vulnerable: !("jQuery" in globalThis),
  };
}

function performance({ fcp, si, lcp, tbt, cls }, curves) {
  const parts = {
    fcp: curve(fcp, ...curves.fcp),
    si: curve(si, ...curves.si),
    lcp: curve(lcp, ...curves.lcp),
    tbt: curve(tbt, ...curves.tbt),
    cls: curve(cls, 0.1, 0.25),
  };
  return Object.entries(WEIGHTS).reduce((all, [key, weight]) => all + weight * parts[key], 0);
}

// A log-normal curve through 0.9 at the first value and 0.5 at the second.
function curve(value, good, median) {
  if (value <= 0) return 1;
  const x = (Math.log(value / median) * 0.9061938024368232) / -Math.log(good / median);
  return (1 - erf(x)) / 2;
}

function erf(x) {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return Math.sign(x) * (1 - poly * Math.exp(-x * x));
}

// The run in the middle by its score stands for all.
function report(name, kind, runs) {
  const run = runs.toSorted((a, b) => a.score - b.score)[Math.floor(runs.length / 2)];
  const score = Math.round(run.score * 100);
  const missed = Object.entries(run.practice).filter(([, good]) => !good);
  const access = run.violations === 0 ? 100 : 0;
  const best = Math.round(100 * (1 - (missed.length * 3 + (run.complaints.length > 0)) / 26));
  const ms = (value) => `${Math.round(value)} ms`;
  const figures = [ms(run.fcp), ms(run.lcp), ms(run.tbt), run.cls.toFixed(3)];
  console.log(`| ${[name, kind, ...figures, score, access, best].join(" | ")} |`);
  if (Math.min(score, access, best) < 95) below.push(`${name} on ${kind}: below 95`);
  const said = [...new Set([...run.complaints, ...missed.map(([what]) => what)])];
  if (said.length > 0) notes.push(`${name} on ${kind}: ${said.join("; ")}`);
}
