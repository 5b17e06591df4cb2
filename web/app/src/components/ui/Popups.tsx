import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Dialog } from "@base-ui/react/dialog";
import { t } from "../../i18n";
import type { AskProps, SheetProps } from "./Ask";
import { Button, IconButton } from "./Button";

const BACKDROP =
  "fixed inset-0 z-40 bg-[#000]/45 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0";
const POPUP =
  "fixed inset-x-3 bottom-3 z-50 mx-auto max-h-[88dvh] max-w-lg overflow-y-auto rounded-card border border-line bg-surface p-5 shadow-card transition-[opacity,transform] duration-200 ease-calm data-ending-style:translate-y-3 data-ending-style:opacity-0 data-starting-style:translate-y-3 data-starting-style:opacity-0 sm:inset-x-auto sm:top-1/2 sm:bottom-auto sm:left-1/2 sm:w-[32rem] sm:-translate-x-1/2 sm:-translate-y-1/2 sm:p-6";

// The windows themselves, which come when the first one opens.
export function AskPopup({ open, title, children, yes, danger, busy, onYes, onClose }: AskProps) {
  return (
    <AlertDialog.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup className={POPUP}>
          <AlertDialog.Title className="mb-2 text-2xl">{title}</AlertDialog.Title>
          <div className="text-soft">{children}</div>
          <div className="mt-6 flex flex-col-reverse gap-2 sm:flex-row sm:justify-end">
            <Button kind="plain" onClick={onClose}>
              {t("action.cancel")}
            </Button>
            <Button kind={danger ? "care" : "primary"} busy={busy} onClick={onYes}>
              {yes}
            </Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

export function SheetPopup({ open, title, children, onClose }: SheetProps) {
  return (
    <Dialog.Root open={open} onOpenChange={(now) => !now && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className={BACKDROP} />
        <Dialog.Popup className={POPUP}>
          <div className="mb-3 flex items-start justify-between gap-3">
            <Dialog.Title className="text-2xl">{title}</Dialog.Title>
            <IconButton
              icon="close"
              label={t("action.close")}
              onClick={onClose}
              className="-mt-2 -mr-2"
            />
          </div>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
