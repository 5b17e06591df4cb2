// Checks a proof of the ledger in the browser: that an entry, as it is, is in a tree of which the
// server showed the root (RFC 6962 through c2sp.org/tlog-proof), and whether a key that the person
// trusts signed that root. Nothing the server says about itself is taken for granted here.

export interface Proof {
  entry: Bytes | undefined;
  index: bigint;
  hashes: Bytes[];
  origin: string;
  size: bigint;
  root: string;
  // What the checkpoint says, word for word, and who signed it.
  text: string;
  signatures: { name: string; bytes: Bytes }[];
}

type Bytes = Uint8Array<ArrayBuffer>;

const HEADER = "c2sp.org/tlog-proof@v1";

export function parseProof(text: string): Proof {
  const [head, checkpoint, signed] = text.split("\n\n", 3);
  const lines = head?.split("\n") ?? [];
  if (lines.shift() !== HEADER || !checkpoint || !signed) throw new Error("not a ledger proof");
  const extra = lines[0]?.startsWith("extra ") ? lines.shift()?.slice(6) : undefined;
  const index = lines.shift()?.match(/^index (0|[1-9]\d{0,18})$/)?.[1];
  const [origin, size, root, ...more] = checkpoint.split("\n");
  const known = index && origin && size && /^\d{1,19}$/.test(size) && root && more.length === 0;
  if (!known) throw new Error("not a ledger proof");
  return {
    entry: extra === undefined ? undefined : fromBase64(extra),
    index: BigInt(index),
    hashes: lines.map(fromBase64),
    origin,
    size: BigInt(size),
    root,
    text: `${checkpoint}\n`,
    signatures: signed.split("\n").flatMap((line) => {
      const found = line.match(/^— (\S+) (\S+)$/);
      return found?.[1] && found[2] ? [{ name: found[1], bytes: fromBase64(found[2]) }] : [];
    }),
  };
}

// Whether the entry is leaf `index` of that tree: RFC 9162, section 2.1.3.2.
export async function isIncluded(proof: Proof): Promise<boolean> {
  if (!proof.entry || proof.index >= proof.size) return false;
  let [node, last] = [proof.index, proof.size - 1n];
  let hash = await sha256(Uint8Array.of(0), proof.entry);
  for (const sibling of proof.hashes) {
    if (last === 0n || sibling.length !== 32) return false;
    if (node % 2n === 1n || node === last) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (node % 2n === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n];
    } else {
      hash = await sha256(Uint8Array.of(1), hash, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  return last === 0n && toBase64(hash) === proof.root;
}

// An entry begins with its version, the tenant and its own id.
export function entryId(entry: Bytes): string {
  const hex = [...entry.slice(17, 33)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

// Whether this key signed the checkpoint in the name of its ledger; undefined where the browser
// does not know such keys.
export async function isSigned(proof: Proof, verifierKey: string): Promise<boolean | undefined> {
  const [name, , encoded] = verifierKey.trim().split("+", 3);
  const rest = verifierKey.trim().slice((name?.length ?? 0) + 10);
  const key = encoded === undefined ? undefined : tryBase64(rest);
  if (key?.length !== 33 || key[0] !== 1 || name !== proof.origin) return false;
  let imported: CryptoKey;
  try {
    imported = await crypto.subtle.importKey("raw", key.slice(1), "Ed25519", false, ["verify"]);
  } catch {
    return undefined;
  }
  const text = new TextEncoder().encode(proof.text);
  for (const { name: signer, bytes } of proof.signatures) {
    if (signer !== name || bytes.length !== 68) continue;
    if (await crypto.subtle.verify("Ed25519", imported, bytes.slice(4), text)) return true;
  }
  return false;
}

async function sha256(...parts: Bytes[]): Promise<Bytes> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function tryBase64(text: string): Bytes | undefined {
  try {
    return fromBase64(text);
  } catch {
    return undefined;
  }
}

function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}
