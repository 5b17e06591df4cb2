// The client of the API. Types come from the document that the program writes; nothing here says a
// second time what an answer looks like.
import createClient, { type Client, type Middleware } from "openapi-fetch";
import type { components, paths } from "./generated/schema";

export type Schemas = components["schemas"];
export type ApiClient = Client<paths>;

// What every failure becomes, the lack of a network included.
export class ApiFailure extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, more: Partial<ApiFailure> = {}) {
    super(message);
    this.name = "ApiFailure";
    this.status = status;
    this.code = code;
    this.detail = more.detail;
    this.retryAfter = more.retryAfter;
  }

  get isOffline(): boolean {
    return this.code === "OFFLINE";
  }
}

export interface ClientOptions {
  baseUrl?: string;
  csrfToken: () => string | undefined;
  onExpired: () => void;
  // Asks the person to show again that it is them; whether they did.
  onStepUp: () => Promise<boolean>;
}

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

export function createApi(options: ClientOptions): ApiClient {
  const client = createClient<paths>({
    baseUrl: options.baseUrl ?? "/",
    credentials: "same-origin",
  });
  // Requests as they were, for the case that one has to be sent again.
  const sent = new Map<string, Request>();
  const guard: Middleware = {
    onRequest({ request, id }) {
      const token = options.csrfToken();
      if (token && !SAFE.has(request.method)) request.headers.set("X-CSRF-Token", token);
      sent.set(id, request.clone());
      return request;
    },
    async onResponse({ response, id }) {
      const again = sent.get(id);
      sent.delete(id);
      if (response.ok || response.status === 304) return undefined;
      const failure = await failureOf(response);
      if (isExpiry(failure)) options.onExpired();
      // RFC 9470: the server wants to be sure first, and then gets the same request once more.
      if (again && wantsProof(failure, again) && (await options.onStepUp())) {
        const second = await fetch(again);
        if (second.ok) return second;
        throw await failureOf(second);
      }
      throw failure;
    },
    onError({ id }) {
      sent.delete(id);
      return new ApiFailure(0, "OFFLINE", "There is no connection to the server.");
    },
  };
  client.use(guard);
  return client;
}

export async function failureOf(response: Response): Promise<ApiFailure> {
  const retry = Number(response.headers.get("Retry-After"));
  const body: unknown = await response.json().catch(() => undefined);
  const text = (name: string) => {
    const value = body && typeof body === "object" ? Reflect.get(body, name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  return new ApiFailure(
    response.status,
    text("code") ?? `HTTP_${response.status}`,
    text("message") ?? "The server gave an answer that cannot be read.",
    { detail: text("detail"), retryAfter: retry > 0 ? retry : undefined },
  );
}

function wantsProof(failure: ApiFailure, request: Request): boolean {
  return failure.code === "STEP_UP_REQUIRED" && !request.url.endsWith("/api/auth/health-token");
}

// A wrong password is also "unauthenticated", and no reason to ask for a log-in again.
export function isExpiry(failure: ApiFailure): boolean {
  return failure.status === 401 && ["AUTH_REQUIRED", "SESSION_EXPIRED"].includes(failure.code);
}

// The data of an answer, or the failure as an exception: for queries and mutations.
export async function data<T>(answer: Promise<{ data?: T }>): Promise<T> {
  const { data } = await answer;
  return data as T;
}
