import { Sheet } from "../../components/ui/Ask";
import { Button } from "../../components/ui/Button";
import { t } from "../../i18n/account";
import { saveAs } from "../../lib/files";

interface Props {
  codes: readonly string[] | undefined;
  onClose: () => void;
}

// Shown this once, so there is more than one way to keep them.
export function RecoveryCodes({ codes, onClose }: Props) {
  const text = codes?.join("\n") ?? "";
  return (
    <Sheet open={Boolean(codes)} title={t("recovery.title")} onClose={onClose}>
      <p className="mb-4 text-soft">{t("recovery.text")}</p>
      <ul className="print-only-this grid grid-cols-2 gap-x-6 gap-y-2 rounded-field bg-sunken p-4 font-mono">
        {codes?.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className="mt-4 flex flex-wrap gap-2">
        <Button icon="copy" onClick={() => void navigator.clipboard?.writeText(text)}>
          {t("recovery.copy")}
        </Button>
        <Button
          icon="down"
          onClick={() => saveAs(new Blob([`${text}\n`], { type: "text/plain" }), "salus-codes.txt")}
        >
          {t("recovery.save")}
        </Button>
        <Button onClick={() => print()}>{t("recovery.print")}</Button>
      </div>
      <Button kind="primary" className="mt-5 w-full" onClick={onClose}>
        {t("recovery.kept")}
      </Button>
    </Sheet>
  );
}
