// Logging in and registering, as the forms do it.
import { data, type Schemas } from "@salus/api-client";
import { api } from "../../lib/api";

// People type one name; the API wants to know which kind it is.
export function nameFields(name: string): { email: string } | { username: string } {
  const trimmed = name.trim();
  return trimmed.includes("@") ? { email: trimmed } : { username: trimmed };
}

export type LoggedIn = Schemas["LoginView"];
export type FactorNeeded = Schemas["FactorNeededView"];

export function logIn(
  login: string,
  password: string,
  restore = false,
): Promise<LoggedIn | FactorNeeded> {
  const body = { login: login.trim(), password, cookie: true, ...(restore ? { restore } : {}) };
  return data(api.POST("/api/auth/login", { body }));
}

// The second half, with a code of an authenticator app or a recovery code.
export function enterCode(ticket: string, code: string): Promise<LoggedIn> {
  return data(api.POST("/api/auth/login/factor", { body: { ticket, code: code.trim() } }));
}

export interface Registration {
  name: string;
  displayName: string;
  password: string;
  setupCode: string;
  inviteCode: string;
  consents: Schemas["ConsentsRequest"];
}

// With an e-mail address the server does not say whether it was known; a log-in does.
export async function register(form: Registration): Promise<LoggedIn | FactorNeeded> {
  const answer = await data(
    api.POST("/api/auth/register", {
      body: {
        ...nameFields(form.name),
        password: form.password,
        consents: form.consents,
        cookie: true,
        ...given("display_name", form.displayName),
        ...given("setup_code", form.setupCode),
        ...given("invite_code", form.inviteCode),
      },
    }),
  );
  return "user" in answer ? answer : logIn(form.name, form.password);
}

function given<K extends string>(key: K, value: string): Partial<Record<K, string>> {
  const trimmed = value.trim();
  return trimmed ? ({ [key]: trimmed } as Record<K, string>) : {};
}

export type Strength = "short" | "fair" | "good";

// The server refuses common passwords; here people only see that length is what helps.
export function strength(password: string): Strength {
  if (password.length < 8) return "short";
  return password.length < 15 ? "fair" : "good";
}

// Codes come behind the `#` of a link, which no server sees, and leave the address at once.
export function codeFromAddress(): string {
  const code = decodeURIComponent(location.hash.slice(1));
  if (code) history.replaceState(history.state, "", location.pathname);
  return code;
}
