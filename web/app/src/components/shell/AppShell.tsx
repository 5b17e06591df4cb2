import { Link, Outlet } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import { useSession } from "../../features/identity/session";
import { type Key, t } from "../../i18n";
import { useOnline } from "../../lib/online";
import { Button } from "../ui/Button";
import { Icon, type IconName } from "../ui/Icon";
import { HelpLink } from "./HelpLink";
import { ShowAgain } from "./ShowAgain";
import { Wordmark } from "./Wordmark";

type Place = "/" | "/chat" | "/journal" | "/care" | "/insights" | "/account";

const PLACES: { to: Place; icon: IconName; label: Key }[] = [
  { to: "/", icon: "today", label: "nav.today" },
  { to: "/chat", icon: "talk", label: "nav.talk" },
  { to: "/journal", icon: "journal", label: "nav.journal" },
  { to: "/care", icon: "leaf", label: "nav.care" },
  { to: "/insights", icon: "insights", label: "nav.insights" },
  { to: "/account", icon: "you", label: "nav.account" },
];

const LogInAgain = lazy(() =>
  import("../../features/identity/LogInAgain").then((part) => ({ default: part.LogInAgain })),
);

export function AppShell() {
  const { state } = useSession();
  return (
    <div className="min-h-dvh print:block lg:grid lg:grid-cols-[16rem_minmax(0,1fr)]">
      <a
        href="#main"
        className="sr-only z-30 rounded-full bg-brand px-4 py-2 font-semibold text-on-brand focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        {t("nav.skip")}
      </a>
      <header className="sticky top-0 z-20 flex items-center justify-between border-line border-b bg-paper/95 px-4 py-2.5 lg:hidden">
        <Link to="/">
          <Wordmark />
        </Link>
        <HelpLink />
      </header>
      <aside className="sticky top-0 hidden h-dvh flex-col border-line border-r px-5 py-7 lg:flex">
        <Link to="/" className="mb-9 px-2">
          <Wordmark />
        </Link>
        <nav aria-label={t("nav.label")} className="grid gap-1">
          {PLACES.map(({ to, icon, label }) => (
            <Link
              key={to}
              to={to}
              activeOptions={{ exact: to === "/" }}
              className="flex min-h-11 items-center gap-3 rounded-full px-4 font-semibold text-soft transition-colors hover:bg-sunken hover:text-ink aria-[current=page]:bg-brand-soft aria-[current=page]:text-ink"
            >
              <Icon name={icon} />
              {t(label)}
            </Link>
          ))}
        </nav>
        <div className="mt-auto">
          <HelpLink wide />
        </div>
      </aside>
      <div className="min-w-0 pb-28 lg:pb-12">
        <OfflineBar />
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full max-w-5xl px-4 pt-6 outline-none sm:px-8 lg:pt-10"
        >
          <Outlet />
        </main>
      </div>
      <nav
        aria-label={t("nav.label")}
        className="fixed inset-x-0 bottom-0 z-20 grid grid-cols-6 border-line border-t bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
      >
        {PLACES.map(({ to, icon, label }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === "/" }}
            className="grid min-h-16 place-items-center content-center gap-0.5 font-semibold text-soft text-xs aria-[current=page]:text-brand"
          >
            <Icon name={icon} className="size-6" />
            {t(label)}
          </Link>
        ))}
      </nav>
      <ShowAgain />
      {state.status === "in" && state.expired && (
        <Suspense>
          <LogInAgain />
        </Suspense>
      )}
    </div>
  );
}

function OfflineBar() {
  const online = useOnline();
  const { state, retry } = useSession();
  if (online && state.status !== "unreachable") return null;
  return (
    <div
      role="status"
      className="flex flex-wrap items-center justify-center gap-x-4 gap-y-1 bg-warn-soft px-4 py-2 text-sm"
    >
      <span className="inline-flex items-center gap-2">
        <Icon name="offline" />
        {t("offline.bar")}
      </span>
      {state.status === "unreachable" && (
        <Button kind="quiet" className="min-h-8 px-3 py-0" onClick={retry}>
          {t("action.retry")}
        </Button>
      )}
    </div>
  );
}
