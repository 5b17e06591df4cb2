import { Button } from "../../../components/ui/Button";
import { Notice } from "../../../components/ui/Notice";
import { t } from "../../../i18n/wellbeing";
import { SafetyCard } from "../../crisis/SafetyCard";
import type { Kept } from "./useForm";

interface Props {
  kept: Kept;
  urge?: "alert" | "support" | undefined;
  go: string;
  onLeave: () => void;
}

// After something was kept that is more than kept: help first, or that it waits for a connection.
export function AfterKept({ kept, urge, go, onLeave }: Props) {
  const safety = kept.filled?.safety ?? undefined;
  return (
    <div className="rise mx-auto grid max-w-3xl gap-5">
      <h1 className="text-3xl">{t(kept.filled ? "form.kept" : "form.waitingTitle")}</h1>
      {(safety || urge) && <SafetyCard alert={safety?.alert ?? urge === "alert"} note={safety} />}
      {!kept.filled && <Notice>{t("form.waiting")}</Notice>}
      <Button kind="primary" className="justify-self-start" onClick={onLeave}>
        {go}
      </Button>
    </div>
  );
}
