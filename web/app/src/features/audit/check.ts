// What a proof shows, in words, and what this device remembers of the ledger between two looks.
import { t } from "../../i18n/admin";
import { entryId, isIncluded, isSigned, type Proof, parseProof } from "./proof";

export interface Finding {
  good: boolean | undefined;
  words: string;
}

const SEEN = "salus.ledger";
const KEY = "salus.ledgerKey";

export const trustedKey = (): string => localStorage.getItem(KEY) ?? "";

export function trustKey(key: string): void {
  if (key.trim()) localStorage.setItem(KEY, key.trim());
  else localStorage.removeItem(KEY);
}

export async function check(event: string, text: string): Promise<{ findings: Finding[] }> {
  const proof = parseProof(text);
  if (!proof.entry) return { findings: [{ good: undefined, words: t("audit.noEntry") }] };
  const included = await isIncluded(proof);
  const same = entryId(proof.entry) === event;
  const size = String(proof.size);
  return {
    findings: [
      { good: included, words: t(included ? "audit.included" : "audit.notIncluded", { size }) },
      { good: same, words: t(same ? "audit.sameEntry" : "audit.otherEntry") },
      grown(proof),
      await signed(proof),
    ],
  };
}

// A ledger only grows, and at one size it has one root.
function grown(proof: Proof): Finding {
  const seen = JSON.parse(localStorage.getItem(SEEN) ?? "null") as
    | { origin: string; size: string; root: string }
    | undefined
    | null;
  const size = String(proof.size);
  const known = seen?.origin === proof.origin ? seen : undefined;
  const shrunk = known && BigInt(known.size) > proof.size;
  const rewritten = known?.size === size && known.root !== proof.root;
  if (shrunk || rewritten) return { good: false, words: t("audit.shrunk") };
  localStorage.setItem(SEEN, JSON.stringify({ origin: proof.origin, size, root: proof.root }));
  return known
    ? { good: true, words: t("audit.grown", { from: known.size, to: size }) }
    : { good: undefined, words: t("audit.firstLook") };
}

async function signed(proof: Proof): Promise<Finding> {
  const key = trustedKey();
  if (!key) return { good: undefined, words: t("audit.noKey") };
  const good = await isSigned(proof, key);
  if (good === undefined) return { good, words: t("audit.noEd25519") };
  return { good, words: t(good ? "audit.signed" : "audit.notSigned") };
}
