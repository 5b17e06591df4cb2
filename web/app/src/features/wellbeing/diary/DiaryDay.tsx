import { Navigate, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { Notice, Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { dayOf, longDay, parseDay } from "../../../lib/dates";
import { DraftCare } from "../../crisis/DraftCare";
import { isOffline } from "../api";
import { Back } from "../Back";
import { AfterKept } from "../forms/AfterKept";
import { Before } from "../forms/Before";
import { Below } from "../forms/Below";
import { Erase } from "../forms/Erase";
import { formOf, isEmpty, urgeOf, wordsOf } from "../forms/entry";
import { SectionField } from "../forms/fields/SectionField";
import { type Begun, type Kept, useBegun, useFilling, useForms } from "../forms/useForm";
import { byDay, momentOf } from "../forms/week";

export function DiaryDay() {
  const { day = "" } = useParams({ strict: false });
  const cards = useForms("diary-card");
  const known = cards.isSuccess || isOffline(cards.error);
  const card = byDay(cards.data ?? []).get(day);
  const draft = `form/diary-card/${day}`;
  const found = useBegun(draft, card, known);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || day > dayOf(new Date()))
    return <Navigate to="/care/diary" />;
  if (cards.error && !known) return <Problem error={cards.error} />;
  if (!found) return <p className="py-8 text-soft">{t("journal.loading")}</p>;
  return <Card key={day} day={day} draft={draft} begun={found.begun} restored={found.restored} />;
}

interface Props {
  day: string;
  draft: string;
  begun: Begun;
  restored: boolean;
}

function Card({ day, draft, begun, restored }: Props) {
  const navigate = useNavigate();
  const form = formOf("diary-card", currentLocale());
  const [kept, setKept] = useState<Kept>();
  const leave = () => void navigate({ to: "/care/diary" });
  const filling = useFilling({
    form,
    draftName: draft,
    begun,
    occurredAt: momentOf(parseDay(day), new Date()),
    onKept: (now) => (now.filled && !now.filled.safety ? leave() : setKept(now)),
  });
  const { entry, setEntry } = filling;
  const urge = urgeOf(form, entry);
  if (kept) {
    return <AfterKept kept={kept} urge={urge} go={t("diary.toWeek")} onLeave={leave} />;
  }
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care/diary">{t("diary.title")}</Back>
        <div className="mt-1 flex items-start justify-between gap-3">
          <h1 className="text-3xl sm:text-4xl">{longDay(parseDay(day))}</h1>
          {begun.base && <Erase id={begun.base.id} onGone={leave} />}
        </div>
        <p className="mt-2 text-lg text-soft">{t("diary.hint")}</p>
      </div>
      {restored && <Notice>{t("entry.restored")}</Notice>}
      {begun.base && <Before form={form} filled={begun.base} />}
      {form.sections.map((section) => (
        <div
          key={section.id}
          className="rounded-card border border-line bg-surface p-5 shadow-card sm:p-6"
        >
          <SectionField
            section={section}
            language={form.language}
            value={entry[section.id]}
            onChange={(value) => setEntry({ ...entry, [section.id]: value })}
          />
        </div>
      ))}
      <DraftCare text={wordsOf(entry)} />
      <Below filling={filling} blocked={isEmpty(form, entry)} why="" onLeave={leave} />
    </div>
  );
}
