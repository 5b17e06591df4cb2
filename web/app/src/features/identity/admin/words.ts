// Names of roles and states, for people.
import type { Schemas } from "@salus/api-client";
import { t } from "../../../i18n/admin";

export type Role = Schemas["Role"];
export type State = "active" | "suspended" | "deleting" | "erasing";

export const STATES: readonly State[] = ["active", "suspended", "deleting", "erasing"];
export const ROLES: readonly Role[] = [
  "premium",
  "provider",
  "crisis_responder",
  "auditor",
  "admin",
];

export function stateOf(status: string): State {
  return STATES.find((state) => state === status) ?? "active";
}

export function roleName(role: string): string {
  const known = ROLES.find((one) => one === role);
  return known ? t(`role.${known}`) : role;
}

export function nameOf(person: Schemas["UserView"]): string {
  return person.display_name ?? person.username ?? person.email ?? person.id;
}
