import { data, type Schemas } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../components/ui/Button";
import { Select } from "../../components/ui/Field";
import { Problem } from "../../components/ui/Notice";
import { currentLocale, LOCALES, load } from "../../i18n";
import { t } from "../../i18n/account";
import { api } from "../../lib/api";
import { setPrefs } from "../../lib/prefs";
import { COUNTRIES, rememberCountry } from "../crisis/resources";
import { PROFILE, profileQuery } from "./security";

// Where the person is and what they read: kept with the account, and used here at once.
export function PlaceForm() {
  const profile = useQuery(profileQuery);
  if (!profile.data) return <Problem error={profile.error} />;
  return <Form key={profile.data.version} profile={profile.data} />;
}

function Form({ profile }: { profile: Schemas["Profile"] }) {
  const queries = useQueryClient();
  const [country, setCountry] = useState(profile.country ?? "");
  const [zone, setZone] = useState(profile.time_zone ?? "");
  const [locale, setLocale] = useState(profile.locale ?? "");
  const save = useMutation({
    mutationFn: () => {
      const { display_name, preferences, version } = profile;
      return data(
        api.PUT("/api/user/profile", {
          params: { header: { "If-Match": `"v${version}"` } },
          body: {
            display_name,
            preferences,
            country: country || null,
            time_zone: zone || null,
            locale: locale || null,
          },
        }),
      );
    },
    onSuccess: async (now) => {
      queries.setQueryData(PROFILE, now);
      if (country) rememberCountry(country);
      if (!locale) return;
      await load(locale);
      setPrefs({ locale: currentLocale() });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  const changed =
    country !== (profile.country ?? "") ||
    zone !== (profile.time_zone ?? "") ||
    locale !== (profile.locale ?? "");
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="text-soft">{t("place.text")}</p>
      <div className="grid gap-4 sm:grid-cols-2">
        <Select
          label={t("place.country")}
          hint={t("place.countryHint")}
          value={country}
          onChange={(event) => setCountry(event.target.value)}
        >
          <option value="">{t("place.noCountry")}</option>
          {countryNames(profile.country).map(([code, name]) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </Select>
        <Select
          label={t("place.zone")}
          value={zone}
          onChange={(event) => setZone(event.target.value)}
        >
          <option value="">{t("place.noZone")}</option>
          {withOwn(Intl.supportedValuesOf("timeZone"), profile.time_zone).map((name) => (
            <option key={name} value={name}>
              {name.replaceAll("_", " ")}
            </option>
          ))}
        </Select>
        <Select
          label={t("place.locale")}
          value={locale}
          onChange={(event) => setLocale(event.target.value)}
        >
          <option value="">{t("place.noLocale")}</option>
          {withOwn(
            LOCALES.map(([tag]) => tag),
            profile.locale,
          ).map((tag) => (
            <option key={tag} value={tag}>
              {LOCALES.find(([known]) => known === tag)?.[1] ?? tag}
            </option>
          ))}
        </Select>
      </div>
      <Problem error={save.error} />
      <div>
        <Button type="submit" kind="primary" disabled={!changed} busy={save.isPending}>
          {t("place.save")}
        </Button>
      </div>
    </form>
  );
}

// What another program wrote there stays, even if this list does not know it.
function withOwn(known: readonly string[], own: string | null | undefined): string[] {
  return own && !known.includes(own) ? [own, ...known] : [...known];
}

function countryNames(own: string | null | undefined): [string, string][] {
  const names = new Intl.DisplayNames([currentLocale(), "en"], { type: "region" });
  return withOwn(COUNTRIES, own)
    .map((code): [string, string] => [code, names.of(code) ?? code])
    .sort((a, b) => a[1].localeCompare(b[1]));
}
