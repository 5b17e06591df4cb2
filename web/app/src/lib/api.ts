// The one client of the app, and who is told when a log-in has ended.
import { createApi } from "@salus/api-client";

let csrfToken: string | undefined;
let expired: () => void = () => undefined;
let stepUp: () => Promise<boolean> = async () => false;

export const api = createApi({
  csrfToken: () => csrfToken,
  onExpired: () => expired(),
  onStepUp: () => stepUp(),
});

// Held in memory only: a page that is loaded anew asks for a new one.
export function setCsrfToken(token: string | null | undefined): void {
  csrfToken = token ?? undefined;
}

export function getCsrfToken(): string | undefined {
  return csrfToken;
}

export function onExpired(listener: () => void): () => void {
  expired = listener;
  return () => {
    expired = () => undefined;
  };
}

// Who asks the person to show again that it is them, when the server wants that.
export function onStepUp(ask: () => Promise<boolean>): () => void {
  stepUp = ask;
  return () => {
    stepUp = async () => false;
  };
}
