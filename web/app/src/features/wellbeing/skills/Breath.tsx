import { useStillness } from "../../../lib/calm";
import type { Beat } from "./timer";

const SMALL = 44;
const LARGE = 84;

interface Props {
  beat: Beat | undefined;
  seconds: number;
  left: number;
}

// A circle that grows and shrinks with the breath; for whoever wants nothing to move, the seconds of
// the beat as points that fill up.
export function Breath({ beat, seconds, left }: Props) {
  const still = useStillness();
  if (still) return <Points seconds={seconds} left={left} />;
  return (
    <svg viewBox="0 0 200 200" className="mx-auto size-52" aria-hidden="true">
      <circle cx="100" cy="100" r="94" fill="none" stroke="var(--line)" strokeWidth="2" />
      <circle cx="100" cy="100" r={radius(beat, seconds, left)} fill="var(--brand-soft)" />
      <circle
        cx="100"
        cy="100"
        r={radius(beat, seconds, left)}
        fill="none"
        stroke="var(--brand)"
        strokeWidth="3"
      />
      <Count left={left} />
    </svg>
  );
}

function Count({ left }: { left: number }) {
  return (
    <text
      x="100"
      y="100"
      textAnchor="middle"
      dominantBaseline="central"
      fontSize="34"
      fill="var(--ink)"
      fontFamily="var(--font-serif)"
    >
      {Math.max(1, Math.ceil(left))}
    </text>
  );
}

function Points({ seconds, left }: { seconds: number; left: number }) {
  const filled = Math.floor(seconds - left) + 1;
  const count = Math.max(1, Math.round(seconds));
  const width = count * 28;
  return (
    <svg viewBox={`0 0 ${width} 28`} className="mx-auto h-32 w-full max-w-64" aria-hidden="true">
      {Array.from({ length: count }, (_, at) => (
        <circle
          // biome-ignore lint/suspicious/noArrayIndexKey: seconds have no other name
          key={at}
          cx={14 + at * 28}
          cy="14"
          r="9"
          fill={at < filled ? "var(--brand)" : "var(--surface)"}
          stroke="var(--brand)"
          strokeWidth="2"
        />
      ))}
    </svg>
  );
}

function radius(beat: Beat | undefined, seconds: number, left: number): number {
  const way = seconds > 0 ? Math.min(1, Math.max(0, 1 - left / seconds)) : 1;
  // Slow at both ends, as a breath is.
  const soft = (1 - Math.cos(Math.PI * way)) / 2;
  switch (beat) {
    case "in":
      return SMALL + (LARGE - SMALL) * soft;
    case "more":
      return LARGE + 8 * soft;
    case "hold":
      return LARGE;
    case "out":
      return LARGE - (LARGE - SMALL) * soft;
    default:
      return SMALL;
  }
}
