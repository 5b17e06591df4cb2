// What the web app is built with: licences we accept, checksums for all, nothing that runs a script
// when it is installed, and exact versions.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const ALLOWED = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "CC-BY-4.0", // caniuse data, while building only
  "ISC",
  "MIT",
  "MIT-0",
  "MPL-2.0", // lightningcss and axe-core, while building and testing only
  "OFL-1.1", // fonts
  "Python-2.0", // argparse, while building only
  "Unlicense",
]);

const runsHere = (entry) =>
  (entry.cpu ?? []).includes(process.arch) &&
  (entry.os ?? []).includes(process.platform) &&
  !entry.libc;

const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
const problems = [];
let count = 0;
for (const [path, entry] of Object.entries(lock.packages)) {
  if (!path.includes("node_modules/") || entry.link) continue;
  // Packages of other platforms that the registry of whoever made the lock does not offer; see
  // complete-lock.mjs. They are never installed here.
  if (entry.optional && !entry.integrity && !runsHere(entry)) continue;
  count += 1;
  const choices = String(entry.license ?? "none")
    .replace(/[()]/g, "")
    .split(" OR ");
  const fits = (choice) => choice.split(" AND ").every((name) => ALLOWED.has(name));
  if (!choices.some(fits)) problems.push(`${path}: its licence is ${entry.license}`);
  if (!entry.integrity) problems.push(`${path}: no checksum`);
  if (entry.hasInstallScript) problems.push(`${path}: runs a script when it is installed`);
  if (entry.resolved) problems.push(`${path}: names a registry`);
}
for (const folder of ["", "app/", "packages/api-client/"]) {
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, "package.json"), "utf8"));
  const wanted = { ...manifest.dependencies, ...manifest.devDependencies };
  for (const [name, version] of Object.entries(wanted)) {
    const ours = name.startsWith("@salus/");
    if (!ours && !/^\d+\.\d+\.\d+$/.test(version)) {
      problems.push(`${folder}package.json: ${name} ${version} is not one exact version`);
    }
  }
}
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log(`${count} packages: licences, checksums and versions are as they should be`);
