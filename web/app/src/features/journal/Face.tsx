import type { Level } from "./moods";

const MOUTHS: Record<Level, string> = {
  1: "M13 27.5c2-4 12-4 14 0",
  2: "M13.5 26.5c2.5-2.2 10.5-2.2 13 0",
  3: "M13.5 25.5h13",
  4: "M13.5 24.5c2.5 2.6 10.5 2.6 13 0",
  5: "M12.5 23c2 6.5 13 6.5 15 0Z",
};

export const FILL: Record<Level, string> = {
  1: "fill-mood-1",
  2: "fill-mood-2",
  3: "fill-mood-3",
  4: "fill-mood-4",
  5: "fill-mood-5",
};

const INK: Record<Level, string> = {
  1: "stroke-[#fff]",
  2: "stroke-[#1c2430]",
  3: "stroke-[#20302f]",
  4: "stroke-[#12291f]",
  5: "stroke-[#33230a]",
};

// A face is shape and colour; whoever uses it adds the word.
export function Face({ level, className = "size-10" }: { level: Level; className?: string }) {
  return (
    <svg viewBox="0 0 40 40" className={`shrink-0 ${className}`} aria-hidden="true">
      <circle cx="20" cy="20" r="19" className={FILL[level]} />
      <g className={INK[level]} fill="none" strokeWidth="2.2" strokeLinecap="round">
        <path d="M14.5 15.5v2M25.5 15.5v2" />
        <path d={MOUTHS[level]} strokeLinejoin="round" />
      </g>
    </svg>
  );
}
