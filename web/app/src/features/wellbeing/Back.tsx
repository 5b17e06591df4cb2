import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Icon } from "../../components/ui/Icon";

interface Props {
  to:
    | "/care"
    | "/care/skills"
    | "/care/questionnaires"
    | "/care/diary"
    | "/care/chains"
    | "/care/plan";
  children: ReactNode;
}

export function Back({ to, children }: Props) {
  return (
    <Link
      to={to}
      className="-ml-2 inline-flex min-h-11 items-center gap-1 rounded-full px-2 font-semibold text-brand print:hidden"
    >
      <Icon name="back" />
      {children}
    </Link>
  );
}
