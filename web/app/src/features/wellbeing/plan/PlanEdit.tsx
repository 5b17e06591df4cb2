import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Button } from "../../../components/ui/Button";
import { Notice, Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { isOffline } from "../api";
import { Back } from "../Back";
import { AfterKept } from "../forms/AfterKept";
import { formOf } from "../forms/entry";
import { Guided } from "../forms/Guided";
import { type Begun, type Kept, useBegun, useFilling, useForms } from "../forms/useForm";

const DRAFT = "form/safety-plan";

export function PlanEdit() {
  const plans = useForms("safety-plan");
  const known = plans.isSuccess || isOffline(plans.error);
  const found = useBegun(DRAFT, plans.data?.[0], known);
  if (plans.error && !known) return <Problem error={plans.error} />;
  if (!found) return <p className="py-8 text-soft">{t("journal.loading")}</p>;
  return <Editing begun={found.begun} restored={found.restored} />;
}

function Editing({ begun, restored }: { begun: Begun; restored: boolean }) {
  const navigate = useNavigate();
  const form = formOf("safety-plan", currentLocale());
  const [kept, setKept] = useState<Kept>();
  const leave = () => void navigate({ to: "/care/plan" });
  const filling = useFilling({
    form,
    draftName: DRAFT,
    begun,
    // What was noticed is told before anything else is shown.
    onKept: (now) => (now.filled && !now.filled.safety?.alert ? leave() : setKept(now)),
  });
  const [told, setTold] = useState(restored);
  if (kept) return <AfterKept kept={kept} go={t("plan.toPlan")} onLeave={leave} />;
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care/plan">{form.title}</Back>
        <h1 className="mt-1 text-3xl sm:text-4xl" lang={form.language}>
          {form.title}
        </h1>
        <p className="mt-2 max-w-prose text-lg text-soft" lang={form.language}>
          {form.about}
        </p>
      </div>
      {told && (
        <Notice>
          <div className="flex flex-wrap items-center justify-between gap-2">
            {t("entry.restored")}
            <Button kind="quiet" className="min-h-9 py-0" onClick={() => setTold(false)}>
              {t("action.close")}
            </Button>
          </div>
        </Notice>
      )}
      <Guided form={form} filling={filling} onLeave={leave} />
    </div>
  );
}
