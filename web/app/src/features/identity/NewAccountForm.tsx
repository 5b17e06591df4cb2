import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/register";
import { ConsentChoices } from "../consent/ConsentChoices";

// Nothing is agreed to before the person says so.
export const NOTHING = {
  terms: false,
  health_data: false,
  ai_interaction: false,
  data_sharing: false,
  marketing: false,
};

interface Common {
  displayName: string;
  inviteCode: string;
  consents: typeof NOTHING;
}

/** What was filled in so far, and how a part of it changes. */
export function useFields<T extends Common>(begin: () => T) {
  const [form, setForm] = useState(begin);
  return { form, change: (part: Partial<T>) => setForm((now) => ({ ...now, ...part })) };
}

interface FormProps {
  form: Common;
  change: (part: Partial<Common>) => void;
  // Whether this server wants an invitation, as far as is known.
  invite: boolean;
  // What only one of the ways to an account asks for.
  before?: ReactNode;
  between?: ReactNode;
  error: unknown;
  busy: boolean;
  onSubmit: () => void;
}

// What every new account is asked for, whichever way somebody came.
export function NewAccountForm({ form, change, invite, before, between, ...rest }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    rest.onSubmit();
  };
  return (
    <form onSubmit={submit} className="grid gap-5">
      {invite && (
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
      {before}
      <Field
        label={t("register.displayName")}
        hint={t("register.displayNameHint")}
        value={form.displayName}
        onChange={(event) => change({ displayName: event.target.value })}
        autoComplete="nickname"
        maxLength={80}
      />
      {between}
      <ConsentChoices value={form.consents} onChange={(consents) => change({ consents })} />
      <Problem error={rest.error} />
      <Button type="submit" kind="primary" busy={rest.busy} className="w-full">
        {rest.busy ? t("register.busy") : t("register.submit")}
      </Button>
    </form>
  );
}
