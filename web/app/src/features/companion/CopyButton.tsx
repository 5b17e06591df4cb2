import { useEffect, useState } from "react";
import { IconButton } from "../../components/ui/Button";
import { t } from "../../i18n/chat";

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () =>
    void navigator.clipboard?.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <>
      <IconButton icon={copied ? "check" : "copy"} label={label} onClick={copy} />
      <span role="status" className="sr-only">
        {copied ? t("chat.copied") : ""}
      </span>
    </>
  );
}
