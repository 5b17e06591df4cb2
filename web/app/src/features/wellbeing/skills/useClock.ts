import { useEffect, useState } from "react";
import { type Clock, finish, gone, type Part, place, READY } from "./timer";

const TICK_MS = 100;

// The clock on a screen: where it is now, and that it ends by itself.
export function useClock(parts: readonly Part[]) {
  const [clock, setClock] = useState<Clock>(READY);
  const [now, setNow] = useState(() => Date.now());
  const running = clock.state === "running";
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, [running]);
  const seconds = gone(clock, Math.max(now, clock.since));
  const here = place(parts, seconds);
  useEffect(() => {
    if (running && here.over) setClock((one) => finish(one, Date.now()));
  }, [running, here.over]);
  return { clock, setClock, here, seconds };
}

// A screen that goes dark in the middle of a breath helps nobody; where it cannot be held, it may.
export function useAwake(running: boolean): void {
  useEffect(() => {
    if (!running || !("wakeLock" in navigator)) return;
    let lock: WakeLockSentinel | undefined;
    let over = false;
    navigator.wakeLock.request("screen").then(
      (held) => {
        if (over) void held.release();
        else lock = held;
      },
      () => undefined,
    );
    return () => {
      over = true;
      void lock?.release().catch(() => undefined);
    };
  }, [running]);
}

let audio: AudioContext | undefined;

// One soft tone, made here; only for whoever asked for it.
export function tone(): void {
  try {
    audio ??= new AudioContext();
    const at = audio.currentTime;
    const voice = audio.createOscillator();
    const volume = audio.createGain();
    voice.frequency.value = 329.6;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.12, at + 0.08);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + 1.2);
    voice.connect(volume).connect(audio.destination);
    voice.start(at);
    voice.stop(at + 1.3);
  } catch {
    // Without sound the words are still there.
  }
}
