// The calls about providers, and their words.
import { data, type Schemas } from "@salus/api-client";
import { queryOptions } from "@tanstack/react-query";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";

export type Setup = Schemas["ProviderSetup"];
export type Role = Schemas["ModelRole"];
export type Kind = Schemas["ProviderKind"];

export const PROVIDERS = ["operations", "providers"];
export const KINDS: readonly Kind[] = [
  "openai_chat",
  "openai_responses",
  "anthropic",
  "lmstudio",
  "ollama",
];
export const ROLES: readonly Role[] = [
  "premium",
  "provider",
  "crisis_responder",
  "auditor",
  "admin",
];

export const setupsQuery = queryOptions({
  queryKey: PROVIDERS,
  queryFn: () => data(api.GET("/api/admin/providers")),
});

export const healthQuery = queryOptions({
  queryKey: [...PROVIDERS, "health"],
  queryFn: () => data(api.GET("/api/providers/health")),
});

// For whom a model is, in a word or two.
export function audience(roles: readonly Role[] | null | undefined): string {
  if (!roles) return t("models.forAll");
  if (roles.length === 0) return t("models.forNobody");
  return roles.map((role) => t(`role.${role}`)).join(", ");
}

export function words(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}
