import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Button, buttonClass, IconButton } from "../../../components/ui/Button";
import { Card } from "../../../components/ui/Card";
import { Icon } from "../../../components/ui/Icon";
import { Problem } from "../../../components/ui/Notice";
import { currentLocale } from "../../../i18n";
import { t } from "../../../i18n/wellbeing";
import { addDays, dayOf, longDay, mediumDay, parseDay } from "../../../lib/dates";
import { saveAs } from "../../../lib/files";
import { exportAll, isOffline } from "../api";
import { Back } from "../Back";
import { Begun } from "../forms/Begun";
import { formOf } from "../forms/entry";
import { useForms } from "../forms/useForm";
import { byDay, weekOf } from "../forms/week";
import { WeekGrid } from "./WeekGrid";

export function DiaryPage() {
  const form = formOf("diary-card", currentLocale());
  const cards = useForms("diary-card");
  const today = new Date();
  const [shown, setShown] = useState(today);
  const week = weekOf(shown);
  const days = byDay(cards.data ?? []);
  const save = useMutation({
    mutationFn: async () => saveAs(await exportAll(), `salus-wellbeing-${dayOf(new Date())}.json`),
  });
  const [first, last] = [week[0] ?? shown, week[6] ?? shown];
  const thisWeek = week.some((day) => dayOf(day) === dayOf(today));
  return (
    <div className="rise mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-5">
      <div>
        <Back to="/care">{t("care.title")}</Back>
        <h1 className="mt-1 text-3xl sm:text-4xl">{t("diary.title")}</h1>
        <p className="mt-2 max-w-prose text-lg text-soft">
          {currentLocale() === "en" ? form.about : t("care.diary")}
        </p>
      </div>
      <Link
        to="/care/diary/$day"
        params={{ day: dayOf(today) }}
        className={buttonClass("primary", "justify-self-start print:hidden")}
      >
        <Icon name="pencil" />
        {t(days.has(dayOf(today)) ? "diary.changeToday" : "diary.today")}
      </Link>
      <Begun
        form="diary-card"
        link={(day) => (
          <Link
            to="/care/diary/$day"
            params={{ day }}
            className="inline-flex min-h-11 items-center font-semibold underline underline-offset-4"
          >
            {longDay(parseDay(day))}
          </Link>
        )}
      />
      {isOffline(cards.error) ? (
        <p className="text-soft">{t("asks.offline")}</p>
      ) : (
        <Problem error={cards.error} />
      )}
      <div className="print-only-this">
        <Card
          title={t("diary.week", { from: mediumDay(first), to: mediumDay(last) })}
          action={
            <span className="flex print:hidden">
              <IconButton
                icon="back"
                label={t("diary.before")}
                onClick={() => setShown(addDays(shown, -7))}
              />
              <IconButton
                icon="chevron"
                label={t("diary.after")}
                disabled={thisWeek}
                onClick={() => setShown(addDays(shown, 7))}
              />
            </span>
          }
        >
          {cards.isPending && !cards.error ? (
            <p className="text-soft">{t("journal.loading")}</p>
          ) : (
            <WeekGrid form={form} week={week} days={days} today={today} />
          )}
        </Card>
      </div>
      <div className="flex flex-wrap items-center gap-2 print:hidden">
        <Button onClick={() => print()}>{t("diary.print")}</Button>
        <Button icon="down" busy={save.isPending} onClick={() => save.mutate()}>
          {t("diary.save")}
        </Button>
        <p className="basis-full text-soft text-sm">{t("diary.saveHint")}</p>
      </div>
      <Problem error={save.error} />
    </div>
  );
}
