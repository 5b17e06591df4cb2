// Puts what crates/care knows into the app while it is built: exercises, questionnaires and forms. So
// there is one text of each, and it is there without a network.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";

const DATA = join(import.meta.dirname, "../../crates/care/data");

const FOLDERS = {
  "virtual:skills": "skills",
  "virtual:questionnaires": "questionnaires",
  "virtual:forms": "records",
};

export function readSkills() {
  return {
    skills: files("skills").flatMap((file) => file.skills),
    words: words("skills/texts", (file) => file.texts),
  };
}

export function readQuestionnaires() {
  return files("questionnaires");
}

export function readForms() {
  return {
    forms: files("records"),
    words: words("records/texts", (file) => file["safety-plan"]),
  };
}

const READ = {
  "virtual:skills": readSkills,
  "virtual:questionnaires": readQuestionnaires,
  "virtual:forms": readForms,
};

function files(folder) {
  return readdirSync(join(DATA, folder))
    .filter((name) => /^[a-z0-9-]+\.toml$/.test(name))
    .map((name) => parse(readFileSync(join(DATA, folder, name), "utf8")));
}

// What is said in other languages, by language.
function words(folder, of) {
  return Object.fromEntries(files(folder).map((file) => [file.language, of(file)]));
}

export function care() {
  return {
    name: "care",
    resolveId: (id) => (id in READ ? `\0${id}` : undefined),
    load(id) {
      const read = READ[id.slice(1)];
      if (!id.startsWith("\0") || !read) return undefined;
      const folder = join(DATA, FOLDERS[id.slice(1)]);
      for (const name of readdirSync(folder, { recursive: true })) {
        if (name.endsWith(".toml")) this.addWatchFile(join(folder, name));
      }
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(read()))});`;
    },
  };
}
