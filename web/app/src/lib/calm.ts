import { useSyncExternalStore } from "react";
import { usePrefs } from "./prefs";

const QUERY = "(prefers-reduced-motion: reduce)";

// Whether the person wants things to stand still, by their device or by their choice here.
export function useStillness(): boolean {
  const { motion } = usePrefs();
  const device = useSyncExternalStore(subscribe, () => matchMedia(QUERY).matches);
  return motion === "less" || device;
}

function subscribe(listener: () => void): () => void {
  const query = matchMedia(QUERY);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}
