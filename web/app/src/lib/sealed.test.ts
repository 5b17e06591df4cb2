import "fake-indexeddb/auto";
import { expect, test } from "vitest";
import { forget, get, names, owners, put, remove } from "./sealed";

function rows(): Promise<{ sealed: ArrayBuffer }[]> {
  return new Promise((resolve) => {
    const open = indexedDB.open("salus");
    open.onsuccess = () => {
      const all = open.result.transaction("rows").objectStore("rows").getAll();
      all.onsuccess = () => {
        open.result.close();
        resolve(all.result);
      };
    };
  });
}

test("what is put comes back, and lies sealed", async () => {
  await put("ann", "draft/1", { text: "nobody reads this" });
  expect(await get("ann", "draft/1")).toEqual({ text: "nobody reads this" });
  for (const row of await rows()) {
    expect(new TextDecoder().decode(row.sealed)).not.toContain("nobody");
  }
});

test("one person's things are not another's", async () => {
  await put("ann", "draft/2", "hers");
  expect(await get("ben", "draft/2")).toBeUndefined();
  expect(await names("ben", "")).toEqual([]);
});

test("things are listed by the beginning of their name and removed one by one", async () => {
  await put("cleo", "out/b", 1);
  await put("cleo", "out/a", 2);
  await put("cleo", "draft/a", 3);
  expect(await names("cleo", "out/")).toEqual(["out/a", "out/b"]);
  await remove("cleo", "out/a");
  expect(await names("cleo", "out/")).toEqual(["out/b"]);
});

test("what is forgotten cannot be read again", async () => {
  await put("dan", "draft/1", "gone");
  await forget("dan");
  expect(await get("dan", "draft/1")).toBeUndefined();
  await put("dan", "draft/2", "new");
  expect(await get("dan", "draft/2")).toBe("new");
});

test("who has a thing of a name is known without a log-in", async () => {
  await put("eve", "kept/plan", 1);
  await put("eve", "kept/other", 1);
  await put("finn", "kept/plan", 1);
  expect((await owners("kept/plan")).sort()).toEqual(["eve", "finn"]);
  await forget("eve");
  expect(await owners("kept/plan")).toEqual(["finn"]);
});
