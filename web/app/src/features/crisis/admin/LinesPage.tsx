import { data } from "@salus/api-client";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Field, Select } from "../../../components/ui/Field";
import { Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/admin";
import { api } from "../../../lib/api";
import { mediumDay } from "../../../lib/dates";
import { refreshLines } from "../changed";
import { COUNTRIES, currentCountry } from "../resources";
import {
  type Change,
  type Country,
  changeOf,
  freeId,
  type Line,
  type Shown,
  shownLines,
  withEmergency,
  withHidden,
  withLine,
  withoutLine,
} from "./change";
import { LineForm } from "./LineForm";

const keyOf = (code: string) => ["crisis", "lines", code];

// The lines of one country, built in and changed: added, replaced, hidden and taken back.
export function LinesPage() {
  const [code, setCode] = useState(() => currentCountry() ?? "US");
  const path = { code };
  const found = useQuery({
    queryKey: keyOf(code),
    queryFn: () => data(api.GET("/api/admin/crisis/lines/{code}", { params: { path } })),
  });
  const names = new Intl.DisplayNames([currentLocale(), "en"], { type: "region" });
  return (
    <Card title={t("lines.title")}>
      <p className="mb-4 text-soft">{t("lines.text")}</p>
      <Select
        label={t("lines.country")}
        value={code}
        onChange={(event) => setCode(event.target.value)}
      >
        {COUNTRIES.map((one) => (
          <option key={one} value={one}>
            {names.of(one) ?? one}
          </option>
        ))}
      </Select>
      <Problem error={found.error} className="mt-4" />
      {found.data && <OneCountry key={code} code={code} country={found.data} />}
    </Card>
  );
}

function useChange(code: string) {
  const queries = useQueryClient();
  const params = { path: { code } };
  return useMutation({
    mutationFn: async (change: Change | undefined) => {
      if (change) await data(api.PUT("/api/admin/crisis/lines/{code}", { params, body: change }));
      else await data(api.DELETE("/api/admin/crisis/lines/{code}", { params }));
    },
    onSuccess: () => {
      void refreshLines();
      return queries.invalidateQueries({ queryKey: keyOf(code) });
    },
  });
}

function OneCountry({ code, country }: { code: string; country: Country }) {
  const change = useChange(code);
  // The line that is being changed; "new" for one that is not there yet.
  const [edited, setEdited] = useState<Line | "new">();
  const lines = shownLines(country);
  const save = (next: Change) => change.mutate(next, { onSuccess: () => setEdited(undefined) });
  return (
    <>
      <Emergency country={country} busy={change.isPending} onSave={save} />
      {lines.length === 0 && <p className="mt-5 text-soft">{t("lines.none")}</p>}
      <ul className="mt-5 divide-y divide-line">
        {lines.map((shown) => (
          <LineRow
            key={shown.line.id}
            shown={shown}
            busy={change.isPending}
            onEdit={() => setEdited(shown.line)}
            onHide={(hidden) => save(withHidden(country, shown.line.id, hidden))}
            onRemove={() => save(withoutLine(country, shown.line.id))}
          />
        ))}
      </ul>
      <Problem error={change.error} className="mt-4" />
      {edited ? (
        <LineForm
          key={edited === "new" ? "new" : edited.id}
          line={edited === "new" ? undefined : edited}
          id={freeId(country)}
          busy={change.isPending}
          onSave={(line) => save(withLine(country, line))}
          onClose={() => setEdited(undefined)}
        />
      ) : (
        <Button icon="plus" kind="primary" className="mt-4" onClick={() => setEdited("new")}>
          {t("lines.add")}
        </Button>
      )}
      {country.change && (
        <p className="mt-5 flex flex-wrap items-center gap-3 text-soft text-sm">
          {t("lines.changed", { day: mediumDay(new Date(country.change.changed_at)) })}
          <Button busy={change.isPending} onClick={() => change.mutate(undefined)}>
            {t("lines.restore")}
          </Button>
        </p>
      )}
    </>
  );
}

interface EmergencyProps {
  country: Country;
  busy: boolean;
  onSave: (change: Change) => void;
}

function Emergency({ country, busy, onSave }: EmergencyProps) {
  const now = (changeOf(country).emergency ?? country.built_in?.emergency ?? []).join(", ");
  const [text, setText] = useState(now);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(withEmergency(country, text));
  };
  return (
    <form onSubmit={submit} className="mt-5 flex flex-wrap items-end gap-3">
      <Field
        label={t("lines.emergency")}
        hint={t("lines.emergencyHint")}
        value={text}
        className="flex-1 basis-60"
        onChange={(event) => setText(event.target.value)}
      />
      {text !== now && (
        <Button type="submit" busy={busy}>
          {t("lines.saveEmergency")}
        </Button>
      )}
    </form>
  );
}

interface RowProps {
  shown: Shown;
  busy: boolean;
  onEdit: () => void;
  onHide: (hidden: boolean) => void;
  onRemove: () => void;
}

function LineRow({ shown, busy, onEdit, onHide, onRemove }: RowProps) {
  const { line, own, hidden } = shown;
  const ways = [line.call, line.text, line.whatsapp, line.chat].filter(Boolean);
  const about = [hidden && t("lines.hidden"), own && t("lines.own"), ...ways, line.hours];
  const small = "min-h-9 px-4 py-1 text-sm";
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 py-3">
      <span className="min-w-0 flex-1 basis-56">
        <span className="block font-semibold">{line.name}</span>
        <span className="block break-words text-soft text-sm">
          {about.filter(Boolean).join(" · ")}
        </span>
      </span>
      {!hidden && (
        <Button className={small} aria-label={`${t("lines.edit")}: ${line.name}`} onClick={onEdit}>
          {t("lines.edit")}
        </Button>
      )}
      {own ? (
        <Button
          className={small}
          busy={busy}
          aria-label={`${t("lines.remove")}: ${line.name}`}
          onClick={onRemove}
        >
          {t("lines.remove")}
        </Button>
      ) : (
        <Button
          className={small}
          busy={busy}
          aria-label={`${t(hidden ? "lines.show" : "lines.hide")}: ${line.name}`}
          onClick={() => onHide(!hidden)}
        >
          {t(hidden ? "lines.show" : "lines.hide")}
        </Button>
      )}
    </li>
  );
}
