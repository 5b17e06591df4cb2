import { lazy, Suspense, useEffect, useState } from "react";
import { withWords } from "../../i18n";
import { onStepUp } from "../../lib/api";

const StepUp = lazy(
  withWords(() =>
    import("../../features/identity/StepUp").then((part) => ({ default: part.StepUp })),
  ),
);

type Tell = (shown: boolean) => void;

// Whoever has to show once more who they are is asked in a window that comes only then; several
// requests at once ask once.
export function ShowAgain() {
  const [waiting, setWaiting] = useState<readonly Tell[]>([]);
  const [used, setUsed] = useState(false);
  useEffect(
    () =>
      onStepUp(() => {
        setUsed(true);
        return new Promise((resolve) => setWaiting((now) => [...now, resolve]));
      }),
    [],
  );
  if (!used) return null;
  const close = (shown: boolean) => {
    setWaiting([]);
    for (const tell of waiting) tell(shown);
  };
  return (
    <Suspense>
      <StepUp open={waiting.length > 0} onClose={close} />
    </Suspense>
  );
}
