import { useEffect, useState } from "react";
import { Button } from "../../components/ui/Button";
import { t } from "../../i18n";

const STEPS = [
  { key: "breath.in", seconds: 4, grow: "scale-100" },
  { key: "breath.hold", seconds: 2, grow: "scale-100" },
  { key: "breath.out", seconds: 6, grow: "scale-[0.55]" },
] as const;

// A slow breath to follow. It starts when asked to, never by itself.
export function Breathing() {
  const [step, setStep] = useState<number>();
  useEffect(() => {
    if (step === undefined) return;
    const current = STEPS[step % STEPS.length];
    const timer = setTimeout(() => setStep(step + 1), (current?.seconds ?? 4) * 1000);
    return () => clearTimeout(timer);
  }, [step]);
  const current = step === undefined ? undefined : STEPS[step % STEPS.length];
  return (
    <section className="mt-10 rounded-card border border-line bg-surface p-6 text-center">
      <h2 className="text-2xl">{t("breath.title")}</h2>
      <p className="mt-1 text-soft">{t("breath.text")}</p>
      <div className="my-5 grid h-44 place-items-center" aria-hidden="true">
        <Circle seconds={current?.seconds ?? 1} grow={current?.grow ?? "scale-[0.55]"} />
      </div>
      <p role="status" className="mb-4 min-h-8 font-serif text-2xl">
        {current ? t(current.key) : ""}
      </p>
      <Button onClick={() => setStep(step === undefined ? 0 : undefined)}>
        {t(step === undefined ? "breath.start" : "breath.stop")}
      </Button>
    </section>
  );
}

const DURATIONS: Record<number, string> = {
  1: "duration-1000",
  2: "duration-[2s]",
  4: "duration-[4s]",
  6: "duration-[6s]",
};

function Circle({ seconds, grow }: { seconds: number; grow: string }) {
  return (
    <span
      className={`size-40 rounded-full bg-brand-soft ring-8 ring-brand/25 transition-transform ease-in-out ${DURATIONS[seconds] ?? ""} ${grow}`}
    />
  );
}
