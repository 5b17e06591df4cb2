import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Field } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { PROFILE, profileQuery } from "./security";
import { useSession } from "./session";

export function ProfileForm() {
  const profile = useQuery(profileQuery);
  if (!profile.data) return <Problem error={profile.error} />;
  return <Form key={profile.data.version} profile={profile.data} />;
}

function Form({ profile }: { profile: Schemas["Profile"] }) {
  const queries = useQueryClient();
  const { retry } = useSession();
  const [name, setName] = useState(profile.display_name ?? "");
  const save = useMutation({
    mutationFn: () => {
      const { locale, country, time_zone, preferences, version } = profile;
      const display_name = name.trim() || null;
      return data(
        api.PUT("/api/user/profile", {
          params: { header: { "If-Match": `"v${version}"` } },
          body: { display_name, locale, country, time_zone, preferences },
        }),
      );
    },
    onSuccess: (now) => {
      queries.setQueryData(PROFILE, now);
      retry();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const changed = name.trim() !== (profile.display_name ?? "");
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <Field
        label={t("register.displayName")}
        value={name}
        maxLength={80}
        autoComplete="nickname"
        onChange={(event) => setName(event.target.value)}
        className="min-w-0 flex-1 basis-56"
      />
      <Button type="submit" kind="primary" disabled={!changed} busy={save.isPending}>
        {t("action.save")}
      </Button>
      <Problem error={save.error} className="basis-full" />
    </form>
  );
}
