// How many pictures go with a message, and how large they are made. The server has the same bounds.
export const MOST = 4;
const MOST_BYTES = 6 * 1024 * 1024;
// More than this no model looks at.
const LONGEST_SIDE = 1568;

export interface Chosen {
  id: string;
  blob: Blob;
  // The same in Base64.
  data: string;
}

export type Refusal = "picture.tooMany" | "picture.tooLarge" | "picture.unreadable";

// A picture is made smaller, never larger.
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(width, height, 1));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

// As many as there is room for, in their order, and why the others are not among them.
export function within<T extends { blob: { size: number } }>(
  pictures: readonly T[],
): { taken: T[]; refusal?: Refusal } {
  const taken: T[] = [];
  let bytes = 0;
  for (const picture of pictures) {
    if (taken.length === MOST) return { taken, refusal: "picture.tooMany" };
    bytes += picture.blob.size;
    if (bytes > MOST_BYTES) return { taken, refusal: "picture.tooLarge" };
    taken.push(picture);
  }
  return { taken };
}
