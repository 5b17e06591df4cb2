import type { ComponentProps } from "react";
import { Icon, type IconName } from "./Icon";

type Kind = "primary" | "plain" | "quiet" | "care" | "danger";

const BASE =
  "inline-flex min-h-11 cursor-pointer items-center justify-center gap-2 rounded-full px-5 py-2 font-semibold transition-[background-color,transform,opacity] duration-150 ease-calm active:scale-[0.98] disabled:cursor-default disabled:opacity-55 disabled:active:scale-100";

const KINDS: Record<Kind, string> = {
  primary: "bg-brand text-on-brand hover:opacity-90",
  plain: "bg-surface text-ink border border-edge hover:bg-sunken",
  quiet: "text-brand hover:bg-brand-soft",
  care: "bg-care text-on-care hover:opacity-90",
  danger: "border border-care text-care hover:bg-care-soft",
};

export function buttonClass(kind: Kind = "plain", more = ""): string {
  return `${BASE} ${KINDS[kind]} ${more}`;
}

interface Props extends ComponentProps<"button"> {
  kind?: Kind;
  icon?: IconName;
  busy?: boolean;
}

export function Button({ kind = "plain", icon, busy, children, className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={buttonClass(kind, className)}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  icon: IconName;
  label: string;
  on?: boolean;
}

export function IconButton({ icon, label, on, className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      aria-pressed={on}
      title={label}
      className={`grid size-11 shrink-0 cursor-pointer place-items-center rounded-full text-soft transition-colors hover:bg-sunken hover:text-ink aria-pressed:text-brand ${on ? "[&_path]:fill-current" : ""} ${className}`}
    >
      <Icon name={icon} />
    </button>
  );
}
