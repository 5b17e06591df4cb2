// A number that differs when any source of the app does; crates/server/build.rs computes the same.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const SOURCES = [
  "app/index.html",
  "app/public",
  "app/src",
  "../crates/care/data/hotlines",
  "../crates/care/data/questionnaires",
  "../crates/care/data/records",
  "../crates/care/data/skills",
  "../crates/consent/texts",
  "../crates/crisis-engine/src",
  "../crates/crisis-wasm/src",
  "../data/crisis/learned",
  "../data/crisis/rules",
  "app/vite.config.ts",
  "package-lock.json",
  "packages/api-client/src",
  "packages/crisis/src",
  "tools/care.mjs",
  "tools/hotlines.mjs",
];

export function sourcesHash(root) {
  const names = SOURCES.flatMap((source) => collect(root, source));
  names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  let state = 0xcbf29ce484222325n;
  for (const name of names) {
    const bytes = [Buffer.from(name), Buffer.of(0), readFileSync(join(root, name)), Buffer.of(0)];
    state = fnv(state, Buffer.concat(bytes));
  }
  return state.toString(16).padStart(16, "0");
}

// FNV-1a with 64 bits in two halves: big integers would take seconds.
function fnv(state, bytes) {
  let high = Number(state >> 32n);
  let low = Number(state & 0xffffffffn);
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    const product = low * 0x1b3;
    const carry = Math.floor(product / 2 ** 32);
    high = (Math.imul(high, 0x1b3) + carry + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

function collect(root, name) {
  if (!statSync(join(root, name)).isDirectory()) return [name];
  return readdirSync(join(root, name)).flatMap((entry) => collect(root, `${name}/${entry}`));
}
