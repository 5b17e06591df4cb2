import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { t } from "../../i18n";
import { HelpLink } from "./HelpLink";
import { Landscape } from "./Landscape";
import { Wordmark } from "./Wordmark";

interface Props {
  title: string;
  lead: string;
  children: ReactNode;
}

// Screens before a log-in: what they ask for on one side, a quiet place on the other.
export function PublicPage({ title, lead, children }: Props) {
  return (
    <div className="grid min-h-dvh lg:grid-cols-[minmax(0,1fr)_minmax(0,1.05fr)]">
      <aside className="scene-sky sticky top-0 hidden h-dvh flex-col justify-between overflow-hidden lg:flex">
        <p className="relative z-10 max-w-md px-12 pt-16 font-serif text-4xl leading-tight">
          {t("public.claim")}
        </p>
        <span className="absolute right-[22%] bottom-[34%] size-32 rounded-full bg-(--sun)" />
        <Landscape className="absolute inset-x-0 bottom-0 h-[42%] w-full" />
      </aside>
      <div className="flex flex-col">
        <header className="flex items-center justify-between gap-4 px-5 py-4 sm:px-8">
          <Link to="/welcome">
            <Wordmark />
          </Link>
          <HelpLink />
        </header>
        <main
          id="main"
          className="rise mx-auto w-full max-w-lg flex-1 px-5 pt-6 pb-16 sm:px-8 lg:pt-12"
        >
          <h1 className="text-3xl sm:text-4xl">{title}</h1>
          <p className="mt-2 mb-8 text-lg text-soft">{lead}</p>
          {children}
        </main>
      </div>
    </div>
  );
}
