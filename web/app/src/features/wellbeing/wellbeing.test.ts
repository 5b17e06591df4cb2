import "fake-indexeddb/auto";
import { beforeEach, expect, test, vi } from "vitest";
import { dropDraft, keepDraft } from "./drafts";
import {
  callOf,
  clean,
  type Entry,
  entryOf,
  formOf,
  isEmpty,
  missing,
  urgeOf,
} from "./forms/entry";
import { byDay, momentOf, mondayOf, rowsOf, weekOf } from "./forms/week";
import { readCareWords } from "./lang";
import {
  asked,
  callsForHelp,
  highest,
  questionnaireOf,
  questionnaires,
  unanswered,
  withAnswer,
} from "./questionnaires/answers";
import { line, shares, spots } from "./questionnaires/chart";
import { allSkills, find, helpedBefore, NEEDS, named, skillOf } from "./skills/library";
import { asEntry } from "./skills/sheet";
import {
  asClock,
  finish,
  gone,
  goOn,
  jump,
  partsOf,
  place,
  READY,
  rest,
  start,
  total,
} from "./skills/timer";

beforeEach(() => {
  vi.useRealTimers();
});

const SECOND = 1000;

test("a clock counts only while it runs, and rests as long as one likes", () => {
  let clock = start(0);
  expect(gone(clock, 3 * SECOND)).toBe(3);
  clock = rest(clock, 3 * SECOND);
  expect(gone(clock, 900 * SECOND)).toBe(3);
  clock = goOn(clock, 900 * SECOND);
  expect(gone(clock, 902 * SECOND)).toBe(5);
  expect(gone(finish(clock, 902 * SECOND), 999 * SECOND)).toBe(5);
  expect(gone(READY, 5 * SECOND)).toBe(0);
  // A clock of the device that is set back takes nothing away.
  expect(gone(start(10 * SECOND), 0)).toBe(0);
});

test("where one is follows from the time, and past the end it is over", () => {
  const parts = partsOf("stop", [10, 30, 40]);
  expect(place(parts, 0)).toEqual({ at: 0, left: 10, over: false });
  expect(place(parts, 10)).toEqual({ at: 1, left: 30, over: false });
  expect(place(parts, 79.5)).toEqual({ at: 2, left: 0.5, over: false });
  expect(place(parts, 80)).toMatchObject({ at: 2, over: true });
  expect(place([], 0)).toMatchObject({ over: true });
  const resting = rest(start(0), 5 * SECOND);
  expect(gone(jump(resting, parts, 1, 6 * SECOND), 90 * SECOND)).toBe(10);
  expect(place(parts, gone(jump(start(0), parts, 3, 0), 0)).over).toBe(true);
});

test("a breathed exercise is whole breaths of about its time, without holding for whoever wants", () => {
  const slow = skillOf("slow-breathing", "en");
  const parts = partsOf("slow-breathing", slow?.seconds ?? []);
  expect(parts[0]).toEqual({ step: 0, seconds: 20 });
  expect(parts.slice(1, 3).map(({ beat, seconds }) => [beat, seconds])).toEqual([
    ["in", 4],
    ["out", 6],
  ]);
  expect(parts.at(-1)).toEqual({ step: 3, seconds: 40 });
  expect(total(parts)).toBe(total(partsOf("x", slow?.seconds ?? [])));
  const box = partsOf("box-breathing", [60, 60, 60, 60]);
  expect(box.filter(({ beat }) => beat === "hold")).toHaveLength(15);
  const gentle = partsOf("box-breathing", [60, 60, 60, 60], true);
  expect(gentle.some(({ beat }) => beat === "hold" || beat === "rest")).toBe(false);
});

test("a clock shows the second that has begun", () => {
  expect([0, 0.2, 59.9, 60, 245].map(asClock)).toEqual(["0:00", "0:01", "1:00", "1:00", "4:05"]);
});

test("exercises are found by title before text, without accents, by need, mood and time", () => {
  const skills = allSkills("en");
  expect(skills.length).toBeGreaterThanOrEqual(30);
  expect(find(skills, { words: "breath" })[0]?.title.toLowerCase()).toContain("breath");
  expect(find(skills, { words: "zzz" })).toEqual([]);
  expect(find(skills, { words: "SLÓW breathing" })[0]?.id).toBe("slow-breathing");
  for (const skill of find(skills, { need: "sleep" })) expect(skill.situations).toContain("sleep");
  for (const need of Object.keys(NEEDS) as (keyof typeof NEEDS)[]) {
    expect(find(skills, { need }).length, need).toBeGreaterThan(0);
  }
  const short = find(skills, { mood: "anxious", short: true });
  for (const skill of short) {
    expect(skill.minutes).toBeLessThanOrEqual(5);
    expect(skill.moods).toContain("anxious");
  }
});

test("care is English until the words of a language are read, and then all of it is in that one", async () => {
  expect(skillOf("dear-man", "de-AT")?.language).toBe("en");
  await Promise.all(["de-AT", "hi"].map(readCareWords));
  const skills = allSkills("de-AT");
  expect(skills.filter((skill) => skill.language !== "de")).toEqual([]);
  expect(find(skills, { words: "grenze" })[0]?.id).toBe("boundary");
  expect(skillOf("stop", "hi")?.language).toBe("hi-latn");
  const card = formOf("diary-card", "de");
  expect(card).toMatchObject({ title: "Tageskarte", language: "de" });
  expect(card.sections[1]?.marks?.[0]).toMatchObject({ label: "Zu sterben", crisis_from: 3 });
  expect(formOf("safety-plan", "de").sections[6]?.examples).toContain("Meine Katze");
  await readCareWords("tlh");
  expect(skillOf("stop", "tlh")?.language).toBe("en");
});

test("questions are in a language only where there is an official wording", async () => {
  await readCareWords("de");
  const phq = questionnaireOf("phq-9", "de");
  expect(phq).toMatchObject({ language: "de", said: "de" });
  expect(phq?.choices[0]).toEqual({ value: 0, text: "Überhaupt nicht" });
  const asq = questionnaireOf("asq", "de");
  expect(asq).toMatchObject({ language: "en", said: "de" });
  expect(asq?.items).toEqual(questionnaireOf("asq", "en")?.items);
  expect(asq?.bands[0]?.text).toMatch(/^Keine der Antworten/);
});

test("each step with a timer has its time", () => {
  for (const skill of allSkills("en")) {
    if (skill.seconds?.length) expect(skill.seconds.length, skill.id).toBe(skill.steps.length);
    else expect(skill.steps.length, skill.id).toBeGreaterThan(0);
  }
});

test("what was said last about an exercise counts", () => {
  const tried = [
    { skill: "stop", helped: "no" },
    { skill: "sigh", helped: null },
    { skill: "sigh", helped: "a_little" },
    { skill: "stop", helped: "yes" },
  ];
  expect(helpedBefore(tried)).toEqual(["sigh"]);
});

test("an exercise is recognised where the companion names it, and not in passing", () => {
  const skills = allSkills("en");
  const found = (text: string) => named(text, skills)?.id;
  expect(found("Would you like to try “Slow breathing” with me?")).toBe("slow-breathing");
  expect(found("If you like, we can try a short exercise: Name it. Say “yes”.")).toBe(
    "name-feeling",
  );
  expect(found("STOP, step 1 of 4: Stop.")).toBe("stop");
  expect(found("You can name it what you like.")).toBeUndefined();
  expect(found("Please, STOP calling me that")).toBeUndefined();
});

test("a worksheet becomes an entry of what was written", () => {
  const skill = skillOf("thought-record", "en");
  if (!skill) throw new Error("the exercise");
  const entry = asEntry(skill, { situation: " The bus ", before: 7, thought: "" });
  expect(entry).toEqual({
    title: "Thought record",
    content: "Situation\nThe bus\n\nHow strong before\n7 / 10",
  });
});

test("questions that depend on others come and go with them", () => {
  const asq = questionnaireOf("asq", "en");
  if (!asq) throw new Error("the questionnaire");
  expect(asked(asq, {}).map(({ id }) => id)).toEqual(["1", "2", "3", "4"]);
  const yes = withAnswer(asq, {}, "1", 1);
  expect(asked(asq, yes).map(({ id }) => id)).toContain("5");
  const all = withAnswer(asq, { ...yes, "5": 1 }, "1", 0);
  expect(all).toEqual({ "1": 0 });
  expect(unanswered(asq, all).map(({ id }) => id)).toEqual(["2", "3", "4"]);
});

test("item 9 of PHQ-9 above zero calls for help at once, whatever the rest", () => {
  const phq = questionnaireOf("phq-9", "en");
  if (!phq) throw new Error("the questionnaire");
  for (const value of [1, 2, 3]) expect(callsForHelp(phq, { "9": value })).toBe("crisis");
  expect(callsForHelp(phq, { "9": 0 })).toBeUndefined();
  const worst = Object.fromEntries(["1", "2", "3", "4", "5", "6", "7", "8"].map((id) => [id, 3]));
  expect(callsForHelp(phq, worst)).toBeUndefined();
  const asq = questionnaireOf("asq", "en");
  expect(asq && callsForHelp(asq, { "1": 1, "5": 1 })).toBe("imminent");
});

test("every questionnaire has bands from nothing to the most, which share a line", () => {
  const all = questionnaires("en");
  expect(all[0]?.id).toBe("phq-2");
  for (const one of all) {
    expect(one.bands[0]?.from, one.id).toBe(0);
    expect(one.bands.at(-1)?.to, one.id).toBe(highest(one));
    expect(shares(one.bands).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(one.attribution).toBeTruthy();
  }
});

test("results stand in time and by their points", () => {
  const frame = { left: 0, right: 100, top: 0, bottom: 50 };
  const at = (day: number, sum: number) => ({
    id: String(day),
    occurred_at: `2026-11-${String(day).padStart(2, "0")}T12:00:00Z`,
    total: sum,
  });
  const found = spots([at(1, 0), at(2, 27), at(5, 9)], 27, frame);
  expect(found.map(({ x }) => x)).toEqual([0, 25, 100]);
  expect(found.map(({ y }) => Math.round(y))).toEqual([50, 0, 33]);
  expect(line(found.slice(0, 2))).toBe("0.0,50.0 25.0,0.0");
  expect(spots([at(1, 5)], 27, frame)[0]?.x).toBe(50);
});

test("a form is sent without empty lines and parts, and says what it still needs", () => {
  const form = formOf("chain-analysis", "en");
  const entry: Entry = {
    behaviour: { text: "  I shouted " },
    vulnerability: { items: ["tired", " ", ""] },
    links: { links: [{ kind: "thought", text: "" }] },
  };
  expect(clean(form, entry)).toEqual({
    behaviour: { text: "I shouted" },
    vulnerability: { items: ["tired"] },
  });
  expect(missing(form, entry).map(({ id }) => id)).toEqual(["event", "links"]);
  expect(isEmpty(form, { behaviour: { text: " " } })).toBe(true);
  const plan = formOf("safety-plan", "en");
  const people = {
    people: {
      contacts: [
        { name: "", phone: "123" },
        { name: " Ada ", phone: "" },
      ],
    },
  };
  expect(clean(plan, people).people?.contacts).toEqual([
    { name: "123", phone: "123" },
    { name: "Ada", phone: null },
  ]);
  expect(entryOf({ note: { text: "x" }, odd: null, other: 3 })).toEqual({ note: { text: "x" } });
});

test("an urge that is rated high opens help at once, and a low one puts it in reach", () => {
  const card = formOf("diary-card", "en");
  const urge = (urges: Record<string, number>) => urgeOf(card, { urges: { marks: urges } });
  expect(urge({ suicide: 0, withdraw: 5 })).toBeUndefined();
  expect(urge({ suicide: 1 })).toBe("support");
  expect(urge({ suicide: 3 })).toBe("alert");
  expect(urge({ "self-harm": 3 })).toBe("support");
  const urges = card.sections.find(({ id }) => id === "urges");
  expect(urges && callOf(urges, { suicide: 1, "self-harm": 4 })).toEqual({
    mark: "self-harm",
    alert: true,
  });
  expect(urgeOf(card, { actions: { marks: { "self-harm": 1 } } })).toBe("alert");
});

test("weeks begin on Monday, and a day has its newest card", () => {
  const sunday = new Date(2026, 10, 22);
  expect(mondayOf(sunday).getDate()).toBe(16);
  expect(weekOf(sunday).map((day) => day.getDate())).toEqual([16, 17, 18, 19, 20, 21, 22]);
  const card = (id: string, updated_at: string) => ({
    id,
    kind: "diary-card",
    form_version: 1,
    entry: {},
    occurred_at: new Date(2026, 10, 21, 9).toISOString(),
    created_at: updated_at,
    updated_at,
    version: 1,
  });
  const days = byDay([card("old", "2026-11-21T08:00:00Z"), card("new", "2026-11-21T20:00:00Z")]);
  expect(days.get("2026-11-21")?.id).toBe("new");
  const form = formOf("diary-card", "en");
  const urges = form.sections.find(({ id }) => id === "urges");
  if (!urges) throw new Error("the section");
  const rows = rowsOf(urges, [{ urges: { marks: { eating: 2, "my own": 1 } } }, undefined]);
  expect(rows.map(({ label, values }) => [label, ...values])).toEqual([
    ["To binge, purge or starve", 2, undefined],
    ["my own", 1, undefined],
  ]);
  const now = new Date(2026, 10, 21, 9, 30);
  expect(momentOf(new Date(2026, 10, 21), now)).toBe(now.toISOString());
  expect(new Date(momentOf(new Date(2026, 10, 20), now)).getHours()).toBe(20);
});

test("what was begun and dropped does not come back", async () => {
  await Promise.all([keepDraft("me", "answers/phq-9", { 1: 2 }), dropDraft("me", "answers/phq-9")]);
  const { names } = await import("../../lib/sealed");
  expect(await names("me", "begun/")).toEqual([]);
});
