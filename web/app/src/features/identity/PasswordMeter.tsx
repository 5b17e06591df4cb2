import { t } from "../../i18n/register";
import { strength } from "./login";

const FILLED = { short: 1, fair: 2, good: 3 } as const;

export function PasswordMeter({ password }: { password: string }) {
  const level = strength(password);
  return (
    <span className="flex items-center gap-3">
      <span className="flex w-24 gap-1" aria-hidden="true">
        {[1, 2, 3].map((step) => (
          <span
            key={step}
            className={`h-1.5 flex-1 rounded-full ${password && step <= FILLED[level] ? "bg-brand" : "bg-line"}`}
          />
        ))}
      </span>
      <span>{t(password ? `strength.${level}` : "strength.none")}</span>
    </span>
  );
}
