import { Link } from "@tanstack/react-router";
import { HelpLink } from "../../components/shell/HelpLink";
import { Landscape } from "../../components/shell/Landscape";
import { Wordmark } from "../../components/shell/Wordmark";
import { buttonClass } from "../../components/ui/Button";
import { t } from "../../i18n";

export function Welcome() {
  return (
    <div className="scene-sky flex min-h-dvh flex-col">
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between px-5 py-4 sm:px-8">
        <Wordmark />
        <HelpLink />
      </header>
      <main id="main" className="rise mx-auto w-full max-w-6xl flex-1 px-5 pt-10 sm:px-8 sm:pt-20">
        <h1 className="max-w-2xl text-4xl sm:text-6xl">{t("public.claim")}</h1>
        <p className="mt-5 max-w-xl text-lg sm:text-xl">{t("public.lead")}</p>
        <div className="mt-8 flex flex-wrap gap-3">
          <Link to="/register" className={buttonClass("primary", "px-7 text-lg")}>
            {t("login.register")}
          </Link>
          <Link to="/login" className={buttonClass("plain", "px-7 text-lg")}>
            {t("login.submit")}
          </Link>
        </div>
        <ul className="mt-10 grid max-w-3xl gap-x-8 gap-y-2 sm:grid-cols-3">
          {(["public.point1", "public.point2", "public.point3"] as const).map((key) => (
            <li key={key} className="border-brand/40 border-t pt-2">
              {t(key)}
            </li>
          ))}
        </ul>
      </main>
      <div className="relative mt-10" aria-hidden="true">
        <span className="absolute right-[14%] bottom-[62%] size-24 rounded-full bg-(--sun) sm:size-36" />
        <Landscape className="relative block h-40 w-full sm:h-64" />
      </div>
    </div>
  );
}
