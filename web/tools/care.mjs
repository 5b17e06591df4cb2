// Puts what crates/care knows into the app while it is built: exercises, questionnaires and forms. So
// there is one text of each, and it is there without a network. The words of each other language are
// a file of their own, `virtual:care/de`: nobody loads a language they do not read.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";

const DATA = join(import.meta.dirname, "../../crates/care/data");

const READ = {
  "virtual:skills": () => files("skills").flatMap((file) => file.skills),
  "virtual:questionnaires": () => files("questionnaires"),
  "virtual:forms": () => files("records"),
};

const WORDS = /^virtual:care\/([a-z-]+)$/;

function wordsIn(language) {
  const texts = (folder) => file(`${folder}/texts`, `${language}.toml`).texts;
  return {
    skills: texts("skills"),
    questionnaires: texts("questionnaires"),
    forms: texts("records"),
  };
}

function contentOf(id) {
  const language = WORDS.exec(id)?.[1];
  return language ? wordsIn(language) : READ[id]?.();
}

function files(folder) {
  return readdirSync(join(DATA, folder))
    .filter((name) => /^[a-z0-9-]+\.toml$/.test(name))
    .map((name) => file(folder, name));
}

function file(folder, name) {
  return parse(readFileSync(join(DATA, folder, name), "utf8"));
}

export function care() {
  return {
    name: "care",
    resolveId: (id) => (id in READ || WORDS.test(id) ? `\0${id}` : undefined),
    load(id) {
      const content = id.startsWith("\0") ? contentOf(id.slice(1)) : undefined;
      if (!content) return undefined;
      for (const folder of ["skills", "questionnaires", "records"]) {
        for (const name of readdirSync(join(DATA, folder), { recursive: true })) {
          if (name.endsWith(".toml")) this.addWatchFile(join(DATA, folder, name));
        }
      }
      return `export default JSON.parse(${JSON.stringify(JSON.stringify(content))});`;
    },
  };
}
