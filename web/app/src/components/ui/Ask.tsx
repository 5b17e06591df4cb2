import { lazy, type ReactNode, Suspense, useState } from "react";

export interface SheetProps {
  open: boolean;
  title: string;
  children: ReactNode;
  onClose: () => void;
}

export interface AskProps extends SheetProps {
  yes: string;
  danger?: boolean;
  busy?: boolean;
  onYes: () => void;
}

const popups = () => import("./Popups");
const AskPopup = lazy(() => popups().then((part) => ({ default: part.AskPopup })));
const SheetPopup = lazy(() => popups().then((part) => ({ default: part.SheetPopup })));

// A question before something that cannot be taken back.
export function Ask(props: AskProps) {
  return useOnceOpen(props.open) ? (
    <Suspense>
      <AskPopup {...props} />
    </Suspense>
  ) : null;
}

export function Sheet(props: SheetProps) {
  return useOnceOpen(props.open) ? (
    <Suspense>
      <SheetPopup {...props} />
    </Suspense>
  ) : null;
}

// A page that has windows need not wait for them; one that was open stays, to close gently.
function useOnceOpen(open: boolean): boolean {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return opened;
}
