// The app lock: a code that hides Salus on this screen. It keeps out someone who picks up an
// unlocked phone; it does not encrypt anything, and the page that sets it says so.

const KEY = "salus.lock";
const ROUNDS = 310_000;

interface Stored {
  salt: string;
  hash: string;
}

// Whether a code was set on this device.
export function isSet(): boolean {
  return stored() !== undefined;
}

export async function setCode(code: string): Promise<void> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const entry: Stored = { salt: toBase64(salt), hash: toBase64(await derive(code, salt)) };
  localStorage.setItem(KEY, JSON.stringify(entry));
}

export async function opens(code: string): Promise<boolean> {
  const entry = stored();
  if (!entry) return true;
  const salt = Uint8Array.from(atob(entry.salt), (letter) => letter.charCodeAt(0));
  return toBase64(await derive(code, salt)) === entry.hash;
}

export function clearCode(): void {
  localStorage.removeItem(KEY);
}

// Four to twelve digits: quick to type, and no place for a password that opens other things.
export function isCode(text: string): boolean {
  return /^\d{4,12}$/.test(text);
}

function stored(): Stored | undefined {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    return found && typeof found === "object" && "salt" in found && "hash" in found
      ? (found as Stored)
      : undefined;
  } catch {
    return undefined;
  }
}

async function derive(code: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(code),
    "PBKDF2",
    false,
    ["deriveBits"],
  );
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: ROUNDS };
  return new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
