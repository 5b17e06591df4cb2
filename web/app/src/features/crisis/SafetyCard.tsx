import type { Schemas } from "@salus/api-client";
import { Link } from "@tanstack/react-router";
import { buttonClass } from "../../components/ui/Button";
import { Icon } from "../../components/ui/Icon";
import { currentLocale, t } from "../../i18n";
import { bestFirst, byNeed, currentCountry, dial, emergencyNumbers, useLists } from "./resources";

interface Props {
  alert: boolean;
  // What was said beside an answer that was being written already.
  words?: string | undefined;
  // What the server noticed. Its words are those of a conversation; what can be done is taken over.
  note?: Schemas["SafetyNote"] | undefined;
}

// Help within reach, calmly: numbers of the place one is in, from the device itself.
export function SafetyCard({ alert, words, note }: Props) {
  const lists = useLists();
  const country = currentCountry();
  const lines = country ? (lists?.lines[country] ?? []) : [];
  const best = byNeed(bestFirst(lines, currentLocale().split("-")[0] ?? "en"))
    .flatMap(([need, found]) => (need === "everyone" ? found : []))
    .filter((line) => line.call)
    .slice(0, alert ? 2 : 1);
  const emergency = alert ? emergencyNumbers(country).slice(0, 1) : [];
  return (
    <aside
      aria-label={t("crisis.link")}
      className="my-4 first:mt-0 rounded-card bg-care-soft p-4 text-ink sm:p-5"
    >
      <Words alert={alert} />
      {words && (
        <p role="alert" className="mt-3 whitespace-pre-wrap">
          {words}
        </p>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        {best.map((line) => (
          <a
            key={line.id}
            href={dial(line.call ?? "")}
            className={buttonClass(alert ? "care" : "danger")}
          >
            <Icon name="phone" />
            <span>
              {t("crisis.callNumber", { number: line.call ?? "" })}
              <span className="block font-normal text-sm">{line.name}</span>
            </span>
          </a>
        ))}
        {emergency.map((number) => (
          <a key={number} href={dial(number)} className={buttonClass("danger")}>
            <Icon name="phone" />
            <span>
              {t("crisis.callNumber", { number })}
              <span className="block font-normal text-sm">{t("crisis.emergency")}</span>
            </span>
          </a>
        ))}
        <Link to="/help-now" className={buttonClass("quiet", "text-care")}>
          {t("safety.more")}
        </Link>
        {note && <Next note={note} />}
      </div>
    </aside>
  );
}

function Words({ alert }: { alert: boolean }) {
  if (!alert) return <p>{t("safety.support")}</p>;
  return (
    <>
      <p className="font-serif text-xl">{t("safety.title")}</p>
      <p className="mt-1">{t("safety.text")}</p>
    </>
  );
}

// What one can do oneself: the own plan, and an exercise for the next minutes.
function Next({ note }: { note: Schemas["SafetyNote"] }) {
  const { actions, steps } = note.response;
  const [step] = steps;
  return (
    <>
      {actions.includes("open_safety_plan") && (
        <Link to="/care/plan" className={buttonClass("quiet", "text-care")}>
          {t("safety.plan")}
        </Link>
      )}
      {step && (
        <Link
          to="/care/skills/$name"
          params={{ name: step }}
          className={buttonClass("quiet", "text-care")}
        >
          {t("safety.exercise")}
        </Link>
      )}
    </>
  );
}
