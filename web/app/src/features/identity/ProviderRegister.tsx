import { ApiFailure } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { PublicPage } from "../../components/shell/PublicPage";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { Toggle } from "../../components/ui/Toggle";
import { t } from "../../i18n/register";
import { ConsentChoices } from "../consent/ConsentChoices";
import { makeAccount, type NewAccount, type NewHere } from "./providers";
import { useSession } from "./session";

// Nothing is agreed to before the person says so.
const NOTHING = {
  terms: false,
  health_data: false,
  ai_interaction: false,
  data_sharing: false,
  marketing: false,
};

// Someone a provider vouched for and who has no account here yet.
export function ProviderRegister({ needed }: { needed: NewHere }) {
  const { enter } = useSession();
  const [form, setForm] = useState<NewAccount>({
    displayName: needed.display_name ?? "",
    useEmail: false,
    inviteCode: "",
    consents: NOTHING,
  });
  const change = (part: Partial<NewAccount>) => setForm((now) => ({ ...now, ...part }));
  const make = useMutation({
    mutationFn: () => makeAccount(needed.ticket, form),
    onSuccess: enter,
  });
  const failed = make.error instanceof ApiFailure ? make.error.code : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <PublicPage title={t("provider.new")} lead={t("provider.newLead")}>
      <form onSubmit={submit} className="grid gap-5">
        {(form.inviteCode !== "" || failed === "INVALID_INVITE") && (
          <Field
            label={t("register.invite")}
            hint={t("register.inviteHint")}
            value={form.inviteCode}
            onChange={(event) => change({ inviteCode: event.target.value })}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
          />
        )}
        <Field
          label={t("register.displayName")}
          hint={t("register.displayNameHint")}
          value={form.displayName}
          onChange={(event) => change({ displayName: event.target.value })}
          autoComplete="nickname"
          maxLength={80}
        />
        {needed.email && (
          <Toggle
            label={t("provider.useEmail", { email: needed.email })}
            checked={form.useEmail}
            onChange={(useEmail) => change({ useEmail })}
          />
        )}
        <ConsentChoices value={form.consents} onChange={(consents) => change({ consents })} />
        <Problem error={make.error} />
        <Button type="submit" kind="primary" busy={make.isPending} className="w-full">
          {make.isPending ? t("register.busy") : t("register.submit")}
        </Button>
      </form>
    </PublicPage>
  );
}
