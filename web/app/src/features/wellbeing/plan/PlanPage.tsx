import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useEffect, useState } from "react";
import { AppLock } from "../../../components/shell/AppLock";
import { Ask } from "../../../components/ui/Ask";
import { Button, buttonClass } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Icon } from "../../../components/ui/Icon";
import { Notice, Problem } from "../../../components/ui/Notice";
import { Toggle } from "../../../components/ui/Toggle";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { type User, useSession } from "../../identity/session";
import { type Filled, formsQuery, isOffline, KEY, removeForm } from "../api";
import { Back } from "../Back";
import { Before } from "../forms/Before";
import { Begun } from "../forms/Begun";
import { type Entry, entryOf, formOf } from "../forms/entry";
import { FormRead } from "../forms/FormRead";
import { copyHere, copyOf, dropCopy, keepCopy } from "./copy";

const GO_ON = "inline-flex min-h-11 items-center font-semibold underline underline-offset-4";

// Reached from the help page too: with a log-in the plan itself, without one the copy on the device.
export function PlanPage() {
  const { user } = useSession();
  if (user) return <OwnPlan user={user} />;
  return (
    <AppLock>
      <PlanHere />
    </AppLock>
  );
}

function OwnPlan({ user }: { user: User }) {
  const plans = useQuery(formsQuery("safety-plan"));
  const plan = plans.data?.[0];
  const copy = useQuery({
    queryKey: [...KEY, "plan-copy", user.id],
    queryFn: () => copyOf(user.id),
    networkMode: "always",
  });
  if (plan) return <Plan plan={plan} owner={user.id} copied={Boolean(copy.data)} />;
  if (plans.error && copy.data) return <Here entry={copy.data.entry} of={copy.data.of} />;
  if (plans.error) {
    return (
      <Frame>
        {isOffline(plans.error) ? (
          <Notice kind="warn">{t("plan.offline")}</Notice>
        ) : (
          <Problem error={plans.error} />
        )}
      </Frame>
    );
  }
  if (plans.isPending) return <p className="py-8 text-soft">{t("journal.loading")}</p>;
  return <Empty />;
}

function Frame({ children }: { children: ReactNode }) {
  const { user } = useSession();
  const form = formOf("safety-plan", currentLocale());
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        {user && <Back to="/care">{t("care.title")}</Back>}
        <h1 className="mt-1 text-3xl sm:text-4xl" lang={form.language}>
          {form.title}
        </h1>
      </div>
      {children}
    </div>
  );
}

// On paper the heading of the page is not there.
function PrintedTitle() {
  const form = formOf("safety-plan", currentLocale());
  return (
    <p className="hidden font-serif text-3xl print:block" lang={form.language}>
      {form.title}
    </p>
  );
}

function Empty() {
  const form = formOf("safety-plan", currentLocale());
  return (
    <Frame>
      <p className="-mt-3 max-w-prose text-lg text-soft" lang={form.language}>
        {form.about}
      </p>
      <Card>
        <p className="mb-4 max-w-prose">{t("plan.empty")}</p>
        <ol className="mb-5 grid gap-2" lang={form.language}>
          {form.sections.map((section, at) => (
            <li key={section.id} className="flex gap-3">
              <span aria-hidden="true" className="w-5 font-serif text-brand text-xl leading-snug">
                {at + 1}
              </span>
              {section.title}
            </li>
          ))}
        </ol>
        <Link to="/care/plan/edit" className={buttonClass("primary")}>
          {t("plan.start")}
        </Link>
      </Card>
      <HelpNow />
    </Frame>
  );
}

function HelpNow() {
  return (
    <Notice kind="care">
      <p>{t("plan.now")}</p>
      <Link
        to="/help-now"
        className="inline-flex min-h-11 items-center font-semibold underline underline-offset-4"
      >
        {t("crisis.link")}
      </Link>
    </Notice>
  );
}

function Plan({ plan, owner, copied }: { plan: Filled; owner: string; copied: boolean }) {
  const form = formOf("safety-plan", currentLocale());
  const entry = entryOf(plan.entry);
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const change = useMutation({
    mutationFn: (on: boolean) =>
      on ? keepCopy(owner, { entry, of: plan.updated_at }) : dropCopy(owner),
    onSettled: () => queries.invalidateQueries({ queryKey: [...KEY, "plan-copy"] }),
  });
  const erase = useMutation({
    mutationFn: async () => {
      await removeForm(plan.id);
      await dropCopy(owner);
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
    onSettled: () => setAsking(false),
  });
  // A copy that is older than the plan would be worse than none.
  const { entry: written, updated_at: of } = plan;
  useEffect(() => {
    if (copied) void keepCopy(owner, { entry: entryOf(written), of });
  }, [copied, owner, written, of]);
  return (
    <Frame>
      <div className="-mt-2 flex flex-wrap items-center gap-2 print:hidden">
        <Link to="/care/plan/edit" className={buttonClass("plain")}>
          <Icon name="pencil" />
          {t("plan.edit")}
        </Link>
        <Button onClick={() => print()}>{t("plan.print")}</Button>
        <p className="px-1 text-soft text-sm">
          {t("plan.changed", { day: mediumDay(new Date(plan.updated_at)) })}
        </p>
      </div>
      <Begun
        form="safety-plan"
        link={() => (
          <Link to="/care/plan/edit" className={GO_ON}>
            {t("form.goOn")}
          </Link>
        )}
      />
      <div className="print-only-this">
        <PrintedTitle />
        <FormRead form={form} entry={entry} />
      </div>
      <HelpNow />
      <Before form={form} filled={plan} />
      <Card className="print:hidden">
        <Toggle
          label={t("plan.keep")}
          hint={t("plan.keepHint")}
          checked={copied}
          disabled={change.isPending}
          onChange={(on) => change.mutate(on)}
        />
        <Problem error={change.error ?? erase.error} />
        <Button icon="trash" kind="danger" className="mt-2" onClick={() => setAsking(true)}>
          {t("plan.delete")}
        </Button>
      </Card>
      <Ask
        open={asking}
        title={t("plan.deleteTitle")}
        yes={t("plan.delete")}
        danger
        busy={erase.isPending}
        onYes={() => erase.mutate()}
        onClose={() => setAsking(false)}
      >
        {t("plan.deleteText")}
      </Ask>
    </Frame>
  );
}

function Here({ entry, of }: { entry: Entry; of: string }) {
  return (
    <Frame>
      <Notice className="-mt-2">{t("plan.copy", { day: mediumDay(new Date(of)) })}</Notice>
      <div className="print-only-this">
        <PrintedTitle />
        <FormRead form={formOf("safety-plan", currentLocale())} entry={entry} />
      </div>
      <HelpNow />
    </Frame>
  );
}

function PlanHere() {
  const copy = useQuery({
    queryKey: ["plan-copy-here"],
    queryFn: copyHere,
    networkMode: "always",
    gcTime: 0,
  });
  if (copy.isPending) return <p className="py-8 text-soft">{t("journal.loading")}</p>;
  if (copy.data) return <Here entry={copy.data.entry} of={copy.data.of} />;
  return (
    <Frame>
      <p className="max-w-prose text-lg">{t("plan.notHere")}</p>
      <Link
        to="/login"
        search={{ next: "/care/plan" }}
        className={buttonClass("primary", "justify-self-start")}
      >
        {t("plan.logIn")}
      </Link>
      <HelpNow />
    </Frame>
  );
}
