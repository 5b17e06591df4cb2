// Words are looked at on this device while they are written; for that they go nowhere.
import type { Engine } from "@salus/crisis";
import { useEffect, useState } from "react";

export type Care = "none" | "support" | "alert";

const PAUSE_MS = 1200;
let engine: Promise<Engine> | undefined;

/** What the words call for, a moment after the last key. */
export function useDraftCare(text: string): Care {
  const [care, setCare] = useState<Care>("none");
  useEffect(() => {
    const timer = setTimeout(async () => {
      // Where the engine cannot be had, help is still one tap away.
      const found = await look(text).catch(() => "none" as const);
      setCare(found);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return care;
}

async function look(text: string): Promise<Care> {
  if (!text.trim()) return "none";
  engine ??= load();
  const { alert, support } = (await engine).assess({ text });
  if (alert) return "alert";
  return support ? "support" : "none";
}

async function load(): Promise<Engine> {
  try {
    const [{ Engine }, { default: url }] = await Promise.all([
      import("@salus/crisis"),
      import("@salus/crisis/engine.wasm?url"),
    ]);
    return await Engine.load(await fetch(url));
  } catch (error) {
    engine = undefined;
    throw error;
  }
}
