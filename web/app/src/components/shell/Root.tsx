import { Outlet, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { refreshLines } from "../../features/crisis/changed";
import { t } from "../../i18n";
import { whenIdle } from "../../lib/idle";
import { usePrefs } from "../../lib/prefs";
import { NewVersion } from "./NewVersion";

// Around every screen: the key for help, and a title that gives nothing away where that is wished.
export function Root() {
  const navigate = useNavigate();
  const { helpKey, discreet } = usePrefs();
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    document.title = discreet ? t("app.discreetName") : t("app.name");
  }, [discreet]);
  useEffect(() => whenIdle(() => void refreshLines()), []);
  useEffect(() => {
    if (!helpKey) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      // F1 is there for whoever is in the middle of writing.
      if (event.key !== "F1" && (event.key !== "?" || isTyping(event.target))) return;
      event.preventDefault();
      void navigate({ to: "/help-now" });
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [helpKey, navigate]);
  useEffect(() => {
    // A conversation begins at its end, and looks after that itself.
    if (!path.startsWith("/chat")) scrollTo(0, 0);
  }, [path]);
  return (
    <>
      <Outlet />
      <NewVersion />
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable ||
      target.matches("input:not([type=radio],[type=checkbox]), textarea, select"))
  );
}
