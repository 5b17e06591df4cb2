// Adds what some registries do not offer to package-lock.json: the packages of other platforms,
// without which `npm ci` refuses the lock even where it would skip them. Run after `npm install`.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const FILE = join(import.meta.dirname, "../package-lock.json");
const SYSTEMS = [
  "aix",
  "android",
  "darwin",
  "freebsd",
  "linux",
  "netbsd",
  "openbsd",
  "openharmony",
  "sunos",
  "win32",
];
const CPUS = [
  "arm64",
  "arm",
  "ia32",
  "loong64",
  "mips64el",
  "ppc64",
  "riscv64",
  "s390x",
  "wasm32",
  "x64",
];

const lock = JSON.parse(readFileSync(FILE, "utf8"));
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (lock.packages[path]?.version) continue;
    lock.packages[path] = { version, optional: true, ...platform(name) };
    if (entry.dev) lock.packages[path].dev = true;
    console.log(`added ${name} ${version}`);
  }
}
const sorted = Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1));
lock.packages = Object.fromEntries(sorted);
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);

// Such packages say in their name where they run.
function platform(name) {
  if (name === "fsevents") return { os: ["darwin"] };
  const words = name
    .split(/[-/]/)
    .map((word) => (/^arm/.test(word) && word !== "arm64" ? "arm" : word));
  const cpu = CPUS.find((known) => words.includes(known));
  const os = SYSTEMS.find((known) => words.includes(known));
  if (!cpu || !(os || cpu === "wasm32")) throw new Error(`${name}: where does it run?`);
  const libc = words.some((word) => word.startsWith("musl")) ? { libc: ["musl"] } : {};
  return { ...(os ? { os: [os] } : {}), cpu: [cpu], ...libc };
}
