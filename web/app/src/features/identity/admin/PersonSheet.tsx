import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Sheet } from "../../../components/ui/Ask";
import { Button } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { HandOver } from "./HandOver";
import { PEOPLE, type Person } from "./People";
import { nameOf, ROLES, type Role, roleName, stateOf } from "./words";

interface Props {
  person: Person;
  onClose: () => void;
}

// One account: what its person may do, and whether they can log in. Not what they wrote.
export function PersonSheet({ person: given, onClose }: Props) {
  const queries = useQueryClient();
  const [person, setPerson] = useState(given);
  const [roles, setRoles] = useState<readonly string[]>(given.roles);
  const path = { id: person.id };
  const change = useMutation({
    mutationFn: (body: Schemas["UserChange"]) =>
      data(api.PATCH("/api/admin/users/{id}", { params: { path }, body })),
    onSuccess: (now) => {
      setPerson(now);
      setRoles(now.roles);
      return queries.invalidateQueries({ queryKey: PEOPLE });
    },
  });
  const out = useMutation({
    mutationFn: () => data(api.POST("/api/admin/users/{id}/logout", { params: { path } })),
  });
  const forgive = useMutation({
    mutationFn: () => data(api.POST("/api/admin/users/{id}/unlock", { params: { path } })),
  });
  const toggle = (role: Role) =>
    setRoles(roles.includes(role) ? roles.filter((one) => one !== role) : [...roles, role]);
  const changed = [...roles].sort().join() !== [...person.roles].sort().join();
  const state = stateOf(person.status);
  const going = state === "deleting" || state === "erasing";
  return (
    <Sheet open title={nameOf(person)} onClose={onClose}>
      <p className="mb-4 text-soft">
        {t("people.since", { day: mediumDay(new Date(person.created_at)) })} {t(`people.${state}`)}
        {person.second_factor && ` ${t("people.factor")}.`}
        {person.erase_at && ` (${mediumDay(new Date(person.erase_at))})`}
      </p>
      {person.roles_waiting.length > 0 && (
        <Notice kind="warn" className="mb-4">
          {t("people.waitsFor", { roles: person.roles_waiting.map(roleName).join(", ") })}
        </Notice>
      )}
      <fieldset className="grid gap-2">
        <legend className="mb-2 font-semibold">{t("people.roles")}</legend>
        {ROLES.map((role) => (
          <label key={role} className="flex min-h-9 items-center gap-3">
            <input
              type="checkbox"
              checked={roles.includes(role)}
              disabled={going}
              onChange={() => toggle(role)}
              className="size-5 accent-brand"
            />
            {roleName(role)}
          </label>
        ))}
      </fieldset>
      <p className="mt-3 text-soft text-sm">{t("people.rolesHint")}</p>
      <Problem error={change.error ?? out.error ?? forgive.error} className="mt-3" />
      {(out.isSuccess || forgive.isSuccess) && (
        <Notice role="status" className="mt-3">
          {out.isSuccess && t("people.loggedOut")} {forgive.isSuccess && t("people.forgiven")}
        </Notice>
      )}
      <div className="mt-5 flex flex-wrap gap-2">
        <Button
          kind="primary"
          busy={change.isPending}
          disabled={!changed || going}
          onClick={() => change.mutate({ roles: roles as Role[] })}
        >
          {t("action.save")}
        </Button>
        <Button busy={out.isPending} onClick={() => out.mutate()}>
          {t("people.endAll")}
        </Button>
        {!going && (
          <Button busy={forgive.isPending} onClick={() => forgive.mutate()}>
            {t("people.forgive")}
          </Button>
        )}
        {!going && (
          <Button
            kind="danger"
            busy={change.isPending}
            onClick={() =>
              change.mutate({ status: state === "suspended" ? "active" : "suspended" })
            }
          >
            {t(state === "suspended" ? "people.unlock" : "people.suspend")}
          </Button>
        )}
      </div>
      {!going && <HandOver person={person} />}
    </Sheet>
  );
}
