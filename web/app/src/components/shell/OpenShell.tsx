import { Link, Outlet } from "@tanstack/react-router";
import { HelpLink } from "./HelpLink";
import { Wordmark } from "./Wordmark";

// Around the pages that are there for everybody, logged in or not, with a network or without.
export function OpenShell() {
  return (
    <div className="min-h-dvh">
      <header className="mx-auto flex max-w-3xl items-center justify-between gap-4 px-5 py-4 print:hidden">
        <Link to="/">
          <Wordmark />
        </Link>
        <HelpLink />
      </header>
      <main id="main" tabIndex={-1} className="mx-auto max-w-3xl px-5 pt-2 pb-20 outline-none">
        <Outlet />
      </main>
    </div>
  );
}
