import { data } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Field, Select } from "../../../components/ui/Field";
import { Notice, Problem } from "../../../components/ui/Notice";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { INVITES } from "./Invites";
import { ROLES, type Role, roleName } from "./words";

// An invitation is a link: the code stands behind its `#`, which no server and no log sees.
export function InviteForm() {
  const queries = useQueryClient();
  const [note, setNote] = useState("");
  const [role, setRole] = useState<Role | "">("");
  const [uses, setUses] = useState("1");
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/admin/invites", {
          body: {
            ...(note.trim() && { note: note.trim() }),
            ...(role && { role }),
            max_uses: Number(uses) || 1,
          },
        }),
      ),
    onSuccess: () => {
      setNote("");
      return queries.invalidateQueries({ queryKey: INVITES });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  const link = make.data && `${location.origin}/register#${make.data.code}`;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <div className="grid gap-4 sm:grid-cols-[2fr_1fr_1fr]">
        <Field
          label={t("invites.note")}
          value={note}
          maxLength={200}
          onChange={(event) => setNote(event.target.value)}
        />
        <Select
          label={t("people.roles")}
          value={role}
          onChange={(event) => setRole(event.target.value as Role | "")}
        >
          <option value="">{t("role.user")}</option>
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {roleName(one)}
            </option>
          ))}
        </Select>
        <Field
          label={t("invites.most")}
          type="number"
          min={1}
          max={1000}
          value={uses}
          onChange={(event) => setUses(event.target.value)}
        />
      </div>
      <Problem error={make.error} />
      <div>
        <Button type="submit" kind="primary" icon="plus" busy={make.isPending}>
          {t("invites.make")}
        </Button>
      </div>
      {link && (
        <Notice role="status">
          <p className="mb-1">{t("invites.once")}</p>
          <p className="break-all font-mono text-sm">{link}</p>
          <Button
            icon="copy"
            className="mt-3"
            onClick={() => void navigator.clipboard?.writeText(link)}
          >
            {t("action.copy")}
          </Button>
        </Notice>
      )}
    </form>
  );
}
