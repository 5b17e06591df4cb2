// Small things kept on this device, sealed: drafts, and what waits for a connection.
//
// The key cannot be taken out of the browser and goes away with a log-out. What this guards against
// is someone who reads the files of the browser, not someone who sits at the unlocked screen. Where
// a browser gives no key (plain HTTP, some private windows), things are kept in memory only.

const DATABASE = "salus";
const ALGORITHM = "AES-GCM";

interface Row {
  iv: Uint8Array<ArrayBuffer>;
  sealed: ArrayBuffer;
}

const memory = new Map<string, string>();

export async function put(owner: string, name: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  const key = await keyOf(owner);
  if (!key) {
    memory.set(place(owner, name), text);
    return;
  }
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt(
    { name: ALGORITHM, iv, additionalData: encode(place(owner, name)) },
    key,
    encode(text),
  );
  await run("rows", "readwrite", (rows) =>
    rows.put({ iv, sealed } satisfies Row, place(owner, name)),
  );
}

export async function get<T>(owner: string, name: string): Promise<T | undefined> {
  const held = memory.get(place(owner, name));
  if (held !== undefined) return JSON.parse(held) as T;
  const key = await keyOf(owner, false);
  if (!key) return undefined;
  const row = await run<Row | undefined>("rows", "readonly", (rows) =>
    rows.get(place(owner, name)),
  );
  if (!row) return undefined;
  try {
    const algorithm = { name: ALGORITHM, iv: row.iv, additionalData: encode(place(owner, name)) };
    const text = await crypto.subtle.decrypt(algorithm, key, row.sealed);
    return JSON.parse(new TextDecoder().decode(text)) as T;
  } catch {
    // Sealed under a key that is gone, or damaged: nothing that could be shown.
    return undefined;
  }
}

export async function remove(owner: string, name: string): Promise<void> {
  memory.delete(place(owner, name));
  await run("rows", "readwrite", (rows) => rows.delete(place(owner, name))).catch(() => undefined);
}

// The names that begin with these letters, in order.
export async function names(owner: string, prefix: string): Promise<string[]> {
  const start = place(owner, prefix);
  const stored = await run<IDBValidKey[]>("rows", "readonly", (rows) => rows.getAllKeys()).catch(
    () => [],
  );
  const all = [...stored.map(String), ...memory.keys()].filter((key) => key.startsWith(start));
  return [...new Set(all)].map((key) => key.slice(place(owner, "").length)).sort();
}

// Whose thing of this name is here, whoever is logged in.
export async function owners(name: string): Promise<string[]> {
  const stored = await run<IDBValidKey[]>("rows", "readonly", (rows) => rows.getAllKeys()).catch(
    () => [],
  );
  const ending = `/${name}`;
  const all = [...stored.map(String), ...memory.keys()].filter((key) => key.endsWith(ending));
  return [...new Set(all)].map((key) => key.slice(0, -ending.length));
}

// Everything of this person, the key first: what is left after a crash cannot be read.
export async function forget(owner: string): Promise<void> {
  for (const key of [...memory.keys()]) if (key.startsWith(place(owner, ""))) memory.delete(key);
  try {
    await run("keys", "readwrite", (keys) => keys.delete(owner));
    for (const name of await names(owner, "")) await remove(owner, name);
  } catch {
    // No database, nothing to forget.
  }
}

function place(owner: string, name: string): string {
  return `${owner}/${name}`;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

async function keyOf(owner: string, make = true): Promise<CryptoKey | undefined> {
  try {
    const found = await run<CryptoKey | undefined>("keys", "readonly", (keys) => keys.get(owner));
    if (found || !make) return found;
    const fresh = await crypto.subtle.generateKey({ name: ALGORITHM, length: 256 }, false, [
      "encrypt",
      "decrypt",
    ]);
    // Two windows may get here at once: the first key stays, and both use it.
    await run("keys", "readwrite", (keys) => keys.add(fresh, owner)).catch(() => undefined);
    return await run<CryptoKey | undefined>("keys", "readonly", (keys) => keys.get(owner));
  } catch {
    return undefined;
  }
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("keys");
      request.result.createObjectStore("rows");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function run<T = unknown>(
  store: "keys" | "rows",
  mode: IDBTransactionMode,
  act: (store: IDBObjectStore) => IDBRequest,
): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(store, mode);
      const request = act(transaction.objectStore(store));
      transaction.oncomplete = () => resolve(request.result as T);
      transaction.onabort = () => reject(transaction.error ?? request.error);
    });
  } finally {
    database.close();
  }
}
