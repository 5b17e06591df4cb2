// Logging in by someone who vouches for people (OpenID Connect): there, and back again.
import { ApiFailure, data, type Schemas } from "@salus/api-client";
import { queryOptions } from "@tanstack/react-query";
import { api } from "../../lib/api";
import type { LoggedIn } from "./login";

export type StillNeeded = Schemas["StillNeededView"];
export type NewHere = Schemas["NewHereView"];

type Purpose = "login" | "link" | "confirm";

export const providersQuery = queryOptions({
  queryKey: ["identity", "providers"],
  queryFn: async () => (await data(api.GET("/api/auth/oidc/providers"))).items,
  staleTime: Number.POSITIVE_INFINITY,
});

export const linksQuery = queryOptions({
  queryKey: ["identity", "links"],
  queryFn: async () => (await data(api.GET("/api/auth/links"))).items,
});

// What this window wanted, kept while it is away. Nothing of it is secret.
interface Wish {
  purpose: Purpose;
  next: string;
  restore: boolean;
}

const KEY = "salus.away";

export function wish(): Wish {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEY) ?? "{}");
    const next = typeof kept.next === "string" && /^\/(?!\/|\\)/.test(kept.next) ? kept.next : "/";
    const purpose = (["link", "confirm"] as const).find((one) => one === kept.purpose) ?? "login";
    return { purpose, next, restore: kept.restore === true };
  } catch {
    return { purpose: "login", next: "/", restore: false };
  }
}

// Leaves this page for the provider's; it never comes back from here.
export async function goAway(
  provider: string,
  purpose: Purpose,
  { next = "/", restore = false } = {},
): Promise<never> {
  const away = await begin(provider, purpose, restore);
  sessionStorage.setItem(KEY, JSON.stringify({ purpose, next, restore }));
  location.assign(away.url);
  return new Promise(() => undefined);
}

function begin(provider: string, purpose: Purpose, restore: boolean) {
  if (purpose === "link") {
    return data(api.POST("/api/auth/links/begin", { body: { provider } }));
  }
  if (purpose === "confirm") {
    return data(api.POST("/api/auth/oidc/confirm/begin", { body: { provider } }));
  }
  return data(api.POST("/api/auth/oidc/begin", { body: { provider, cookie: true, restore } }));
}

// What the provider gave along leaves the address at once.
export function returned(provider: string): Returned {
  const query = new URLSearchParams(location.search);
  history.replaceState(history.state, "", location.pathname);
  const [code, state, iss] = ["code", "state", "iss"].map((name) => query.get(name));
  if (!(code && state)) return { refused: query.get("error") ?? "nothing" };
  return { body: { provider, code, state, ...(iss ? { iss } : {}) } };
}

export interface Returned {
  refused?: string;
  body?: Schemas["ProviderReturnBody"];
}

export function finish(body: Schemas["ProviderReturnBody"]): Promise<LoggedIn | StillNeeded> {
  return data(api.POST("/api/auth/oidc/finish", { body }));
}

export async function finishLink(body: Schemas["ProviderReturnBody"]): Promise<void> {
  await data(api.POST("/api/auth/links", { body: { returned: body } }));
}

export async function finishConfirm(body: Schemas["ProviderReturnBody"]): Promise<void> {
  await data(api.POST("/api/auth/oidc/confirm", { body }));
}

export interface NewAccount {
  displayName: string;
  useEmail: boolean;
  inviteCode: string;
  consents: Schemas["ConsentsRequest"];
}

export function makeAccount(ticket: string, form: NewAccount): Promise<LoggedIn> {
  const [name, invite] = [form.displayName.trim(), form.inviteCode.trim()];
  const body = {
    ticket,
    consents: form.consents,
    use_email: form.useEmail,
    cookie: true,
    ...(name ? { display_name: name } : {}),
    ...(invite ? { invite_code: invite } : {}),
  };
  return data(api.POST("/api/auth/oidc/register", { body }));
}

export function isClosed(error: unknown): boolean {
  return error instanceof ApiFailure && error.code === "ACCOUNT_CLOSED";
}
