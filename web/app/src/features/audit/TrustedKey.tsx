import { useState } from "react";
import { Field } from "../../components/ui/Field";
import { t } from "../../i18n/admin";
import { trustedKey, trustKey } from "./check";

// The key comes from elsewhere on purpose: a server that lies would name its own.
export function TrustedKey() {
  const [key, setKey] = useState(trustedKey);
  return (
    <details>
      <summary className="cursor-pointer font-semibold text-brand">{t("audit.key")}</summary>
      <Field
        label={t("audit.keyLabel")}
        hint={t("audit.keyHint")}
        value={key}
        spellCheck={false}
        autoComplete="off"
        maxLength={300}
        onChange={(event) => {
          setKey(event.target.value);
          trustKey(event.target.value);
        }}
        className="mt-3"
      />
    </details>
  );
}
