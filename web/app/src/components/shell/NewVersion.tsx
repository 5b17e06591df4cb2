import { useEffect, useState } from "react";
import { t } from "../../i18n";
import { whenIdle } from "../../lib/idle";
import { Button } from "../ui/Button";

// Tells of a new version, and changes to it only when asked: nobody loses what they are writing.
export function NewVersion() {
  const [waiting, setWaiting] = useState<ServiceWorker>();
  useEffect(() => {
    if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
    const register = async () => {
      const registration = await navigator.serviceWorker.register("/sw.js");
      const look = () => {
        if (registration.waiting && navigator.serviceWorker.controller)
          setWaiting(registration.waiting);
      };
      look();
      registration.addEventListener("updatefound", () => {
        registration.installing?.addEventListener("statechange", look);
      });
    };
    return whenIdle(() => void register());
  }, []);
  if (!waiting) return null;
  const change = () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    waiting.postMessage("take-over");
  };
  return (
    <div
      role="status"
      className="fixed inset-x-4 bottom-20 z-30 mx-auto flex max-w-md items-center justify-between gap-3 rounded-card border border-line bg-surface p-4 shadow-card lg:bottom-6"
    >
      {t("version.new")}
      <Button kind="primary" onClick={change}>
        {t("version.reload")}
      </Button>
    </div>
  );
}
