import { type ComponentProps, type ReactNode, useId, useState } from "react";
import { t } from "../../i18n";

export const INPUT =
  "w-full rounded-field border border-edge bg-surface px-3.5 py-2.5 text-ink placeholder:text-soft aria-invalid:border-care";

interface Common {
  label: string;
  hint?: ReactNode;
  problem?: string | undefined;
}

type FieldProps = Common & ComponentProps<"input">;

export function Field({ label, hint, problem, className = "", ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-semibold">
        {label}
      </label>
      <input
        {...rest}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={describedBy(id, hint, problem)}
        className={INPUT}
      />
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

export function PasswordField({ label, hint, problem, className = "", ...rest }: FieldProps) {
  const id = useId();
  const [shown, setShown] = useState(false);
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-semibold">
        {label}
      </label>
      <div className="relative">
        <input
          {...rest}
          id={id}
          type={shown ? "text" : "password"}
          spellCheck={false}
          autoCapitalize="none"
          maxLength={256}
          aria-invalid={problem ? true : undefined}
          aria-describedby={describedBy(id, hint, problem)}
          className={`${INPUT} pr-20`}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-label={t("field.showPassword")}
          onClick={() => setShown(!shown)}
          className="absolute inset-y-1 right-1 cursor-pointer rounded-lg px-3 font-semibold text-brand text-sm hover:bg-brand-soft"
        >
          {shown ? t("field.hide") : t("field.show")}
        </button>
      </div>
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

type AreaProps = Common & ComponentProps<"textarea"> & { hideLabel?: boolean };

export function TextArea({ label, hint, problem, hideLabel, className = "", ...rest }: AreaProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "mb-1.5 block font-semibold"}>
        {label}
      </label>
      <textarea
        {...rest}
        id={id}
        aria-invalid={problem ? true : undefined}
        aria-describedby={describedBy(id, hint, problem)}
        className={`${INPUT} ${className}`}
      />
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

type SelectProps = Common & ComponentProps<"select">;

export function Select({ label, hint, problem, className = "", children, ...rest }: SelectProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1.5 block font-semibold">
        {label}
      </label>
      <select {...rest} id={id} aria-describedby={describedBy(id, hint, problem)} className={INPUT}>
        {children}
      </select>
      <Below id={id} hint={hint} problem={problem} />
    </div>
  );
}

function Below({ id, hint, problem }: { id: string } & Pick<Common, "hint" | "problem">) {
  return (
    <>
      {problem && (
        <p id={`${id}-problem`} className="mt-1.5 font-medium text-care text-sm">
          {problem}
        </p>
      )}
      {hint && (
        <div id={`${id}-hint`} className="mt-1.5 text-soft text-sm">
          {hint}
        </div>
      )}
    </>
  );
}

function describedBy(id: string, hint: ReactNode, problem?: string): string | undefined {
  const ids = [problem && `${id}-problem`, hint && `${id}-hint`].filter(Boolean);
  return ids.join(" ") || undefined;
}
