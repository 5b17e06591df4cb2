// Puts the crisis lines of crates/care into the app while it is built, so that there is one list and
// none that could be older. Emergency numbers are few and belong to the first load; the lines are a
// part of their own, which the service worker keeps.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";

const FOLDER = join(import.meta.dirname, "../../crates/care/data/hotlines");
const SHOWN = "id name needs call text keyword whatsapp chat note hours languages source".split(
  " ",
);

export function readHotlines() {
  const files = readdirSync(FOLDER).filter((name) => /^[a-z-]+\.toml$/.test(name));
  const parsed = files.map((name) => parse(readFileSync(join(FOLDER, name), "utf8")));
  const countries = parsed.flatMap((file) => file.countries ?? []);
  return {
    emergency: Object.fromEntries(countries.map(({ code, emergency }) => [code, emergency])),
    lines: Object.fromEntries(countries.map(({ code, lines = [] }) => [code, lines.map(short)])),
    directories: parsed.flatMap((file) => file.directories ?? []),
  };
}

function short(line) {
  const shown = SHOWN.filter((name) => line[name] !== undefined).map((name) => [name, line[name]]);
  return { ...Object.fromEntries(shown), checked: line.checked, sure: line.confidence === "high" };
}

const PARTS = {
  "virtual:emergency-numbers": ({ emergency }) => emergency,
  "virtual:crisis-lines": ({ lines, directories }) => ({ lines, directories }),
};

export function hotlines() {
  return {
    name: "hotlines",
    resolveId: (id) => (id in PARTS ? `\0${id}` : undefined),
    load(id) {
      const part = PARTS[id.slice(1)];
      if (!id.startsWith("\0") || !part) return undefined;
      for (const name of readdirSync(FOLDER)) this.addWatchFile(join(FOLDER, name));
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(part(readHotlines())))});`;
    },
  };
}
