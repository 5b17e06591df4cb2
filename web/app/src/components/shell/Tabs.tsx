import { useRouterState } from "@tanstack/react-router";
import { type ReactNode, useEffect, useRef } from "react";

export const TAB =
  "inline-flex min-h-11 shrink-0 items-center rounded-full px-4 font-semibold text-soft transition-colors hover:bg-sunken hover:text-ink aria-[current=page]:bg-brand-soft aria-[current=page]:text-ink";

// Places beside each other. Where they do not fit, the one that is open is brought into view.
export function Tabs({ label, children }: { label: string; children: ReactNode }) {
  const nav = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another place is open
  useEffect(() => {
    const bar = nav.current;
    const open = bar?.querySelector<HTMLElement>("[aria-current=page]");
    if (bar && open) bar.scrollLeft = open.offsetLeft - (bar.clientWidth - open.clientWidth) / 2;
  }, [path]);
  return (
    <nav
      ref={nav}
      aria-label={label}
      className="relative -mx-2 mb-5 flex gap-1 overflow-x-auto px-2"
    >
      {children}
    </nav>
  );
}
