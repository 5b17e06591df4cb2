import { t } from "../../i18n/chat";
import { CopyButton } from "./CopyButton";

export function CodeBlock({ code, language }: { code: string; language: string }) {
  return (
    <div className="relative my-3 overflow-hidden rounded-field border border-line bg-sunken">
      <div className="flex items-center justify-between border-line border-b pl-4 text-soft text-sm">
        <span>{language}</span>
        <CopyButton text={code} label={t("chat.copyCode")} />
      </div>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
        tabIndex={0}
        className="overflow-x-auto p-4 font-mono text-sm"
      >
        <code>{code}</code>
      </pre>
    </div>
  );
}
