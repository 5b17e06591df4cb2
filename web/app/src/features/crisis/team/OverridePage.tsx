import { data, type Schemas } from "@salus/api-client";
import { useMutation } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Field, Select, TextArea } from "../../../components/ui/Field";
import { Notice } from "../../../components/ui/Notice";
import { t } from "../../../i18n/team";
import { api } from "../../../lib/api";
import { clock, mediumDay } from "../../../lib/dates";
import { OpenSheet } from "../../consent/emergency/OpenSheet";
import { CARD_CLASSES, REASONS, type Reason } from "../../consent/emergency/words";
import { TeamProblem } from "./TeamProblem";

// Opening a person's emergency data without them: with a reason, for an hour, and never quietly.
export function OverridePage() {
  const { person } = useSearch({ strict: false });
  return (
    <>
      <Card title={t("team.emergency")}>
        <p className="mb-5 max-w-prose text-soft">{t("override.text")}</p>
        <Make person={person ?? ""} />
      </Card>
      <Card title={t("override.approveTitle")}>
        <Approve />
      </Card>
    </>
  );
}

function Make({ person }: { person: string }) {
  const [patient, setPatient] = useState(person);
  const [code, setCode] = useState<Reason>("unresponsive");
  const [reason, setReason] = useState("");
  const make = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/emergency/overrides", {
          body: { patient_id: patient.trim(), reason_code: code, reason: reason.trim() },
        }),
      ),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  if (make.data) return <Made made={make.data} person={patient.trim()} />;
  return (
    <form onSubmit={submit} className="grid gap-4">
      <Field
        label={t("override.person")}
        hint={t("override.personHint")}
        value={patient}
        maxLength={36}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => setPatient(event.target.value)}
        required
      />
      <Select
        label={t("override.code")}
        value={code}
        onChange={(event) => setCode(event.target.value as Reason)}
      >
        {REASONS.map((one) => (
          <option key={one} value={one}>
            {t(`reason.${one}`)}
          </option>
        ))}
      </Select>
      <TextArea
        label={t("override.reason")}
        hint={t("override.reasonHint")}
        rows={3}
        minLength={10}
        maxLength={2000}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        required
      />
      <TeamProblem error={make.error} />
      <div>
        <Button type="submit" kind="care" busy={make.isPending}>
          {t("override.make")}
        </Button>
      </div>
    </form>
  );
}

function Made({ made, person }: { made: Schemas["OverrideView"]; person: string }) {
  const until = new Date(made.expires_at);
  const classes = CARD_CLASSES.map((one) => t(`class.${one}`)).join(", ");
  return (
    <Notice role="status" kind={made.pending ? "warn" : "calm"}>
      <p className="font-semibold">
        {made.pending
          ? t("override.pending")
          : t("override.made", { until: `${mediumDay(until)}, ${clock(until)}` })}
      </p>
      {made.pending && (
        <>
          <p className="mt-1">{t("override.pendingText")}</p>
          <p className="mt-2 break-all font-mono text-sm">{made.id}</p>
        </>
      )}
      <p className="mt-2">{t("override.opens", { classes })}</p>
      <p className="mt-2">
        {t("override.review", { day: mediumDay(new Date(made.review_due_at)) })}
      </p>
      {!made.pending && <OpenSheet token={made.token} person={person} />}
      <details className="mt-3">
        <summary className="cursor-pointer font-semibold text-brand">{t("override.token")}</summary>
        <p className="mt-2 break-all font-mono text-sm">{made.token}</p>
        <Button
          icon="copy"
          className="mt-3"
          onClick={() => void navigator.clipboard?.writeText(made.token)}
        >
          {t("action.copy")}
        </Button>
      </details>
    </Notice>
  );
}

function Approve() {
  const [id, setId] = useState("");
  const approve = useMutation({
    mutationFn: () =>
      data(
        api.POST("/api/emergency/overrides/{id}/approve", { params: { path: { id: id.trim() } } }),
      ),
    onSuccess: () => setId(""),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    approve.mutate();
  };
  return (
    <form onSubmit={submit} className="grid gap-4">
      <p className="max-w-prose text-soft">{t("override.approveText")}</p>
      <Field
        label={t("override.id")}
        value={id}
        maxLength={36}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => {
          approve.reset();
          setId(event.target.value);
        }}
        required
      />
      <TeamProblem error={approve.error} />
      {approve.isSuccess && <Notice role="status">{t("override.approved")}</Notice>}
      <div>
        <Button type="submit" busy={approve.isPending}>
          {t("override.approve")}
        </Button>
      </div>
    </form>
  );
}
