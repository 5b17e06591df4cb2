// A picture drawn anew: smaller, and without where and when it was taken.
import { type Chosen, fitted } from "./limits";

export async function shrink(file: Blob): Promise<Chosen> {
  const bitmap = await createImageBitmap(file);
  try {
    const canvas = document.createElement("canvas");
    const { width, height } = fitted(bitmap.width, bitmap.height);
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d");
    if (!context) throw new Error("no canvas");
    // What was transparent would be black in a JPEG.
    context.fillStyle = "white";
    context.fillRect(0, 0, width, height);
    context.drawImage(bitmap, 0, 0, width, height);
    const blob = await jpegOf(canvas);
    return { id: crypto.randomUUID(), blob, data: await inBase64(blob) };
  } finally {
    bitmap.close();
  }
}

function jpegOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error("no picture")));
    canvas.toBlob(done, "image/jpeg", 0.85);
  });
}

function inBase64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(",")[1] ?? "");
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}
