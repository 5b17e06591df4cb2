import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Icon, type IconName } from "../../components/ui/Icon";
import { Notice } from "../../components/ui/Notice";
import { t, type Word } from "../../i18n/wellbeing";
import { names } from "../../lib/sealed";
import { useUser } from "../identity/session";
import { KEY } from "./api";
import { WAITING } from "./later";
import Suits from "./Suits";

type To = "/care/skills" | "/care/plan" | "/care/questionnaires" | "/care/diary" | "/care/chains";

const PLACES: readonly { to: To; icon: IconName; title: Word; text: Word }[] = [
  { to: "/care/skills", icon: "leaf", title: "skills.title", text: "care.skills" },
  { to: "/care/plan", icon: "shield", title: "plan.title", text: "care.plan" },
  { to: "/care/diary", icon: "journal", title: "diary.title", text: "care.diary" },
  { to: "/care/questionnaires", icon: "list", title: "asks.title", text: "care.asks" },
  { to: "/care/chains", icon: "fork", title: "chains.title", text: "care.chains" },
];

export function CarePage() {
  const user = useUser();
  const waiting = useQuery({
    queryKey: [...KEY, "waiting", user.id],
    queryFn: () => names(user.id, WAITING),
    networkMode: "always",
    staleTime: 0,
  });
  const count = waiting.data?.length ?? 0;
  return (
    <div className="rise">
      <h1 className="text-3xl sm:text-4xl">{t("care.title")}</h1>
      <p className="mt-2 mb-6 max-w-prose text-lg text-soft">{t("care.lead")}</p>
      {count > 0 && (
        <Notice kind="warn" className="mb-5">
          {t("care.waiting", { count })}
        </Notice>
      )}
      <ul className="grid gap-3 sm:grid-cols-2 sm:gap-4">
        {PLACES.map(({ to, icon, title, text }) => (
          <li key={to} className="sm:first:col-span-2">
            <Link
              to={to}
              className={`flex h-full items-center gap-4 rounded-card border border-line p-4 shadow-card transition-colors hover:border-brand sm:p-5 ${to === "/care/skills" ? "scene-sky sm:p-7" : "bg-surface"}`}
            >
              <span className="grid size-12 shrink-0 place-items-center rounded-full bg-brand-soft text-brand">
                <Icon name={icon} className="size-6" />
              </span>
              <span className="min-w-0 flex-1">
                <span className="block font-serif text-xl leading-snug">{t(title)}</span>
                <span className={`block ${to === "/care/skills" ? "" : "text-soft"}`}>
                  {t(text)}
                </span>
              </span>
              <Icon name="chevron" className="size-5 text-brand" />
            </Link>
          </li>
        ))}
      </ul>
      <Suits className="mt-5" />
    </div>
  );
}
