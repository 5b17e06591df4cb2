import { describe, expect, it } from "vitest";
import { isAddress, toBytes, toText } from "./passkey";

describe("bytes as the API writes them", () => {
  it("read back, whatever they are", () => {
    for (const length of [0, 1, 2, 3, 32, 255]) {
      const bytes = Uint8Array.from({ length }, (_, place) => (place * 37 + 250) % 256);
      const text = toText(bytes.buffer);
      expect(text).toMatch(/^[\w-]*$/);
      expect(new Uint8Array(toBytes(text))).toEqual(bytes);
    }
  });
});

describe("a page without a name", () => {
  it("has no passkeys", () => {
    expect(["127.0.0.1", "192.168.1.5", "[::1]"].every(isAddress)).toBe(true);
    expect(["localhost", "salus.example", "1.example"].some(isAddress)).toBe(false);
  });
});
