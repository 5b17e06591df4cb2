import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { t } from "../../i18n";
import * as lock from "../../lib/lock";
import { getPrefs } from "../../lib/prefs";
import { Button } from "../ui/Button";
import { PasswordField } from "../ui/Field";
import { HelpLink } from "./HelpLink";
import { Wordmark } from "./Wordmark";

const OPEN = "salus.unlocked";
const LOCK = "salus-lock";

export function lockNow(): void {
  sessionStorage.removeItem(OPEN);
  dispatchEvent(new Event(LOCK));
}

function isLocked(): boolean {
  return lock.isSet() && sessionStorage.getItem(OPEN) !== "1";
}

// Hides everything behind a code after a time without a touch. Help stays in reach.
export function AppLock({ children }: { children: ReactNode }) {
  const [locked, setLocked] = useState(isLocked);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const shut = () => setLocked(isLocked());
    const touched = () => {
      clearTimeout(timer);
      if (lock.isSet()) timer = setTimeout(lockNow, getPrefs().lockAfter * 60_000);
    };
    touched();
    addEventListener(LOCK, shut);
    for (const kind of ["pointerdown", "keydown"])
      addEventListener(kind, touched, { passive: true });
    return () => {
      clearTimeout(timer);
      removeEventListener(LOCK, shut);
      for (const kind of ["pointerdown", "keydown"]) removeEventListener(kind, touched);
    };
  }, []);
  if (!locked) return children;
  return (
    <Screen
      onOpen={() => {
        sessionStorage.setItem(OPEN, "1");
        setLocked(false);
      }}
    />
  );
}

function Screen({ onOpen }: { onOpen: () => void }) {
  const [code, setCode] = useState("");
  const [wrong, setWrong] = useState(0);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (await lock.opens(code)) onOpen();
    else {
      setWrong(wrong + 1);
      setCode("");
    }
  };
  return (
    <main className="mx-auto grid min-h-dvh max-w-sm content-center gap-6 px-5">
      <Wordmark />
      <h1 className="text-3xl">{t("lock.locked")}</h1>
      <form onSubmit={(event) => void submit(event)} className="grid gap-4">
        <PasswordField
          label={t("lock.code")}
          inputMode="numeric"
          autoComplete="off"
          problem={wrong > 0 ? t("lock.wrong", { count: wrong }) : undefined}
          value={code}
          onChange={(event) => setCode(event.target.value)}
        />
        <Button type="submit" kind="primary">
          {t("lock.open")}
        </Button>
      </form>
      <HelpLink wide />
    </main>
  );
}
