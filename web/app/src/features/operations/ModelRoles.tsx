import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/admin";
import { api } from "../../lib/api";
import { audience, PROVIDERS, ROLES, type Role } from "./providers";

// For whom a model is: everybody, or only people with some roles.
export function ModelRoles({ model }: { model: Schemas["ModelSetup"] }) {
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [roles, setRoles] = useState<Role[] | null>(model.roles ?? null);
  const save = useMutation({
    mutationFn: () =>
      data(api.PUT("/api/providers/visibility", { body: { model: model.id, roles } })),
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: PROVIDERS }),
        queries.invalidateQueries({ queryKey: ["companion"] }),
      ]);
      setOpen(false);
    },
  });
  const begin = () => {
    setRoles(model.roles ?? null);
    setOpen(true);
  };
  const toggle = (role: Role) => {
    const now = roles ?? [];
    setRoles(now.includes(role) ? now.filter((one) => one !== role) : [...now, role]);
  };
  const shown = audience(model.roles);
  return (
    <>
      <Button
        icon="eye"
        className="min-h-9 px-4 py-1 text-sm"
        aria-label={`${t("models.who", { model: model.title })}: ${shown}`}
        onClick={begin}
      >
        {shown}
      </Button>
      <Sheet
        open={open}
        title={t("models.who", { model: model.title })}
        onClose={() => setOpen(false)}
      >
        <fieldset className="grid gap-2">
          <legend className="sr-only">{t("models.who", { model: model.title })}</legend>
          <Choice label={t("models.everybody")} checked={!roles} onChange={() => setRoles(null)} />
          <Choice
            label={t("models.some")}
            checked={!!roles}
            onChange={() => setRoles(roles ?? [])}
          />
        </fieldset>
        {roles && (
          <fieldset className="mt-2 ml-8 grid gap-2">
            <legend className="sr-only">{t("models.some")}</legend>
            {ROLES.map((role) => (
              <label key={role} className="flex min-h-9 items-center gap-3">
                <input
                  type="checkbox"
                  checked={roles.includes(role)}
                  onChange={() => toggle(role)}
                  className="size-5 accent-brand"
                />
                {t(`role.${role}`)}
              </label>
            ))}
          </fieldset>
        )}
        <Problem error={save.error} className="mt-3" />
        <Button kind="primary" busy={save.isPending} className="mt-4" onClick={() => save.mutate()}>
          {t("action.save")}
        </Button>
      </Sheet>
    </>
  );
}

interface ChoiceProps {
  label: string;
  checked: boolean;
  onChange: () => void;
}

function Choice({ label, checked, onChange }: ChoiceProps) {
  return (
    <label className="flex min-h-9 items-center gap-3">
      <input
        type="radio"
        name="audience"
        checked={checked}
        onChange={onChange}
        className="size-5 accent-brand"
      />
      {label}
    </label>
  );
}
