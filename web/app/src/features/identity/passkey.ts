// Passkeys, between the API and the browser: both speak of the same things, one in base64url and
// the other in bytes.
import { data, type Schemas } from "@salus/api-client";
import { api } from "../../lib/api";
import type { LoggedIn } from "./login";

type Question = Schemas["PasskeyChallengeView"];
type Signed = Schemas["SignedBody"];

// What someone shows again that it is them by.
export type Proof = { password: string } | { code: string } | { passkey: Signed };

// The person closed the window of the browser, or took too long.
export class Declined extends Error {}

// Browsers know passkeys on pages with a name, and over https or on the same machine only.
export function canUsePasskeys(): boolean {
  return "PublicKeyCredential" in window && window.isSecureContext && !isAddress(location.hostname);
}

// Where the same page is reached by name, if it is reached by the address of this machine.
export function namedHere(): string | undefined {
  return location.hostname === "127.0.0.1" ? `http://localhost:${location.port}` : undefined;
}

export function isAddress(host: string): boolean {
  return host.startsWith("[") || /^[\d.]+$/.test(host);
}

export function toBytes(text: string): ArrayBuffer {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0)).buffer;
}

export function toText(bytes: ArrayBuffer): string {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

interface Named {
  type: "public-key";
  id: string;
}

const named = (list: Named[] = []) => list.map((one) => ({ ...one, id: toBytes(one.id) }));

interface CreationJson extends Omit<PublicKeyCredentialCreationOptions, "excludeCredentials"> {
  excludeCredentials?: Named[];
}

interface RequestJson extends Omit<PublicKeyCredentialRequestOptions, "allowCredentials"> {
  allowCredentials?: Named[];
}

// The device makes a passkey.
async function create(question: Question): Promise<Signed> {
  const options = question.options as unknown as CreationJson;
  const publicKey: PublicKeyCredentialCreationOptions = {
    ...options,
    challenge: toBytes(String(options.challenge)),
    user: { ...options.user, id: toBytes(String(options.user.id)) },
    excludeCredentials: named(options.excludeCredentials),
  };
  const made = await asked(() => navigator.credentials.create({ publicKey }));
  const response = made.response as AuthenticatorAttestationResponse;
  return answer(question, made, {
    attestationObject: toText(response.attestationObject),
    transports: response.getTransports(),
  });
}

type Offer = Pick<CredentialRequestOptions, "mediation" | "signal">;

// The device signs with a passkey.
async function sign(question: Question, more: Offer = {}): Promise<Signed> {
  const options = question.options as unknown as RequestJson;
  const publicKey: PublicKeyCredentialRequestOptions = {
    ...options,
    challenge: toBytes(String(options.challenge)),
    allowCredentials: named(options.allowCredentials),
  };
  const made = await asked(() => navigator.credentials.get({ publicKey, ...more }));
  const response = made.response as AuthenticatorAssertionResponse;
  return answer(question, made, {
    authenticatorData: toText(response.authenticatorData),
    signature: toText(response.signature),
    userHandle: response.userHandle ? toText(response.userHandle) : null,
  });
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const made = await ask();
    if (made) return made as PublicKeyCredential;
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
  }
  throw new Declined();
}

function answer(question: Question, made: PublicKeyCredential, more: object): Signed {
  const id = toText(made.rawId);
  const response = { clientDataJSON: toText(made.response.clientDataJSON), ...more };
  const credential = { id, rawId: id, type: made.type, response, clientExtensionResults: {} };
  return { ticket: question.ticket, credential };
}

export async function logInWithPasskey(restore: boolean): Promise<LoggedIn> {
  const signed = await sign(await data(api.POST("/api/auth/login/passkey/options")));
  const body = { ...signed, cookie: true, restore };
  return data(api.POST("/api/auth/login/passkey", { body }));
}

// Offers passkeys where the browser fills in names, until one is chosen or `signal` ends it. Browsers
// that cannot, and servers without passkeys, are none the worse for it.
export async function offerPasskey(signal: AbortSignal): Promise<LoggedIn | undefined> {
  if (!canUsePasskeys()) return undefined;
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return undefined;
  for (;;) {
    const signed = await offeredOnce(signal);
    if (signed === "again") continue;
    if (!signed) return undefined;
    return data(api.POST("/api/auth/login/passkey", { body: { ...signed, cookie: true } }));
  }
}

// A question holds for minutes; people leave pages open for longer.
async function offeredOnce(signal: AbortSignal): Promise<Signed | "again" | undefined> {
  const question = await data(api.POST("/api/auth/login/passkey/options")).catch(() => undefined);
  if (!question || signal.aborted) return undefined;
  const round = new AbortController();
  const stop = () => round.abort();
  signal.addEventListener("abort", stop, { once: true });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    stop();
  }, question.expires_in * 900);
  try {
    return await sign(question, { mediation: "conditional", signal: round.signal });
  } catch {
    return late ? "again" : undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

export async function enterWithPasskey(ticket: string, question: Question): Promise<LoggedIn> {
  const passkey = await sign(question);
  return data(api.POST("/api/auth/login/factor", { body: { ticket, passkey } }));
}

export async function addPasskey(name: string): Promise<Schemas["NewPasskeyView"]> {
  const made = await create(await data(api.POST("/api/auth/passkeys/options")));
  const body = { ...made, ...(name.trim() ? { name: name.trim() } : {}) };
  return data(api.POST("/api/auth/passkeys", { body }));
}

export async function proveByPasskey(): Promise<Proof> {
  return { passkey: await sign(await data(api.POST("/api/auth/passkeys/challenge"))) };
}
