import { expect, test } from "vitest";
import text from "../../../../../crates/audit/vectors/entry-v1.tlog-proof?raw";
// The same examples that the server must be able to read forever.
import keys from "../../../../../crates/audit/vectors/keys-v1.txt?raw";
import { entryId, isIncluded, isSigned, parseProof } from "./proof";

const KEY = keys.split("\n").find((line) => line.startsWith("salus/audit/")) ?? "";

test("a proof of the server holds, and says which entry it is about", async () => {
  const proof = parseProof(text);
  expect(await isIncluded(proof)).toBe(true);
  expect(proof.entry && entryId(proof.entry)).toBe("01910000-0000-7000-8000-00000000000b");
  expect(proof.origin).toBe("salus/audit/01910000-0000-7000-8000-00000000000a");
});

test("any change of it is noticed", async () => {
  const proof = parseProof(text);
  const entry = proof.entry?.slice() ?? new Uint8Array();
  entry[40] = (entry[40] ?? 0) ^ 1;
  expect(await isIncluded({ ...proof, entry })).toBe(false);
  expect(await isIncluded({ ...proof, entry: undefined })).toBe(false);
  expect(await isIncluded({ ...proof, index: 0n })).toBe(false);
  expect(await isIncluded({ ...proof, index: 5n })).toBe(false);
  expect(await isIncluded({ ...proof, size: 2n })).toBe(false);
  expect(await isIncluded({ ...proof, hashes: proof.hashes.slice(1) })).toBe(false);
  expect(await isIncluded({ ...proof, hashes: [...proof.hashes, ...proof.hashes] })).toBe(false);
  expect(await isIncluded({ ...proof, root: proof.root.replace("O", "P") })).toBe(false);
});

test("a trusted key signed it, another did not", async () => {
  const proof = parseProof(text);
  expect(KEY).toBeTruthy();
  expect(await isSigned(proof, KEY)).toBe(true);
  expect(await isSigned({ ...proof, text: `${proof.text} ` }, KEY)).toBe(false);
  expect(await isSigned(proof, KEY.replace("audit", "other"))).toBe(false);
  expect(await isSigned(proof, "nonsense")).toBe(false);
});

test("what is no proof is refused", () => {
  for (const no of ["", "hello", text.replace("index 1", "index -1"), text.replace("@v1", "@v2")]) {
    expect(() => parseProof(no)).toThrow();
  }
});
