// Turns what Vite built into what the program embeds: packed files, a service worker that knows
// them, and a list. Fails if the first load is larger than we allow ourselves.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { sourcesHash } from "./sources.mjs";

const ROOT = join(import.meta.dirname, "..");
const BUILT = join(ROOT, "app/dist");
const TO = join(ROOT, "dist");
const FIRST_LOAD_LIMIT = 200_000;

// The pages that people open the app with: for everybody, for those who are logged in, and words.
const EARLY = [
  ["open help-now", "virtual:crisis-lines"],
  ["own ", "src/features/journal/Today.tsx"],
  ["own chat", "src/features/companion/ChatPage.tsx"],
  ["own journal", "src/features/journal/JournalList.tsx"],
  ["own care", "src/features/wellbeing/CarePage.tsx"],
  ["own insights", "src/features/journal/insights/Insights.tsx"],
  ...["de", "es", "fr", "hi", "hi-Latn", "pt"].map((tag) => [`words ${tag}`, `src/i18n/${tag}.ts`]),
];

const TYPES = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};

const paths = readdirSync(BUILT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name).slice(BUILT.length))
  // The list of what belongs together is for us.
  .filter((path) => !path.startsWith("/.vite/"))
  .sort();
const bodies = new Map(paths.map((path) => [path, readFileSync(join(BUILT, path))]));
bodies.set("/start.js", start());
bodies.set("/sw.js", worker());

rmSync(join(TO, "files"), { recursive: true, force: true });
const lines = [...bodies].map(([path, body]) => write(path, body));
writeFileSync(join(TO, "index.tsv"), `${[sourcesHash(ROOT), ...lines].join("\n")}\n`);
budget();

// Which files start.js brings for a page, beside those that are there anyway.
function start() {
  const manifest = JSON.parse(readFileSync(join(BUILT, ".vite/manifest.json"), "utf8"));
  const page = bodies.get("/index.html").toString();
  const entry = new Set([...page.matchAll(/"(\/assets\/[^"]+\.js)"/g)].map((found) => found[1]));
  const pages = EARLY.map(([name, source]) => {
    const files = filesOf(manifest, source, new Set(entry));
    return [name, [...files].filter((file) => !entry.has(file))];
  });
  const text = readFileSync(join(BUILT, "start.js"), "utf8");
  return Buffer.from(text.replace('["__PAGES__"]', JSON.stringify(Object.fromEntries(pages))));
}

function filesOf(manifest, source, files) {
  const found = Object.entries(manifest).find(([key]) => key === source || key.endsWith(source));
  if (!found) throw new Error(`${source}: no file of the build is made of it`);
  const [, { file, imports = [] }] = found;
  if (files.has(`/${file}`)) return files;
  files.add(`/${file}`);
  for (const one of imports) filesOf(manifest, one, files);
  return files;
}

// The worker keeps exactly this build; a new build is a new worker.
function worker() {
  const kept = paths.filter((path) => path !== "/sw.js" && path !== "/index.html");
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update(bodies.get(path));
  const version = hash.digest("hex").slice(0, 16);
  const text = readFileSync(join(BUILT, "sw.js"), "utf8");
  return Buffer.from(
    text
      .replace('"__VERSION__"', JSON.stringify(version))
      .replace('["__FILES__"]', JSON.stringify(["/", ...kept])),
  );
}

function write(path, body) {
  const type = TYPES[extname(path)];
  if (!type) throw new Error(`${path}: no content type is known for it`);
  const file = join(TO, "files", path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, body);
  const encodings = [];
  for (const [name, packed] of [
    ["br", brotli(body)],
    ["gz", gzipSync(body, { level: 9 })],
  ]) {
    if (packed.length > body.length * 0.95) continue;
    writeFileSync(`${file}.${name}`, packed);
    encodings.push(name);
  }
  const tag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  const keep = path.startsWith("/assets/") ? "immutable" : "-";
  return [path, type, tag, keep, encodings.join(",") || "-"].join("\t");
}

function brotli(body) {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } });
}

// What a browser loads before the first screen is there: the page, and what it names.
function budget() {
  const page = bodies.get("/index.html").toString();
  const named = [...page.matchAll(/(?:src|href)="(\/[^"]+)"/g)]
    .map((found) => found[1])
    .filter((path) => !path.endsWith(".png"));
  const styles = named.filter((path) => path.endsWith(".css"));
  const fonts = styles.flatMap((path) =>
    [
      ...bodies
        .get(path)
        .toString()
        .matchAll(/url\((\/[^)]+latin-(?:wght|500)[^)]+)\)/g),
    ].map((f) => f[1]),
  );
  const files = new Set(["/index.html", ...named, ...fonts]);
  let total = 0;
  for (const path of files) {
    const packed = join(TO, "files", `${path}.br`);
    total += existsSync(packed) ? readFileSync(packed).length : bodies.get(path).length;
  }
  console.log(`first load: ${(total / 1000).toFixed(1)} kB packed, of ${FIRST_LOAD_LIMIT / 1000}`);
  if (total > FIRST_LOAD_LIMIT) {
    console.error([...files].join("\n"));
    throw new Error("the first load is over its budget: load something later (React.lazy)");
  }
}
