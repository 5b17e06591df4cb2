// What nobody waits for is done when the browser has nothing better to do, and soon all the same.
const SOON_MS = 3000;

export function whenIdle(act: () => void): () => void {
  if (!("requestIdleCallback" in globalThis)) {
    const timer = setTimeout(act, SOON_MS / 2);
    return () => clearTimeout(timer);
  }
  const asked = requestIdleCallback(act, { timeout: SOON_MS });
  return () => cancelIdleCallback(asked);
}
