import { t } from "../../../i18n/wellbeing";
import { mediumDay } from "../../../lib/dates";
import { height, line, type Point, spots } from "./chart";

const FRAME = { left: 30, right: 410, top: 12, bottom: 158 };

interface Props {
  points: readonly Point[];
  bands: readonly { from: number; to: number; name: string }[];
  max: number;
}

// Results over time, with the borders of the bands; the table below says the same in numbers.
export function TrendChart({ points, bands, max }: Props) {
  const found = spots(points, max, { ...FRAME, left: FRAME.left + 14 });
  const first = points[0];
  const last = points.at(-1);
  return (
    <svg
      viewBox="0 0 420 186"
      className="w-full max-w-xl"
      role="img"
      aria-label={t("asks.chart", {
        count: points.length,
        from: first?.total ?? 0,
        to: last?.total ?? 0,
      })}
    >
      {bands.map((band) => (
        <g key={band.name}>
          <line
            x1={FRAME.left}
            x2={FRAME.right}
            y1={height(band.from, max, FRAME)}
            y2={height(band.from, max, FRAME)}
            stroke="var(--line)"
            strokeDasharray={band.from === 0 ? undefined : "3 5"}
          />
          <text
            x={FRAME.left - 6}
            y={height(band.from, max, FRAME) + 4}
            textAnchor="end"
            fontSize="13"
            fill="var(--ink-soft)"
          >
            {band.from}
          </text>
        </g>
      ))}
      <polyline
        points={line(found)}
        fill="none"
        stroke="var(--brand)"
        strokeWidth="2.5"
        strokeLinejoin="round"
      />
      {found.map((spot) => (
        <circle
          key={spot.id}
          cx={spot.x}
          cy={spot.y}
          r="6"
          fill="var(--brand)"
          stroke="var(--surface)"
          strokeWidth="2.5"
        />
      ))}
      {first && last && (
        <g fontSize="13" fill="var(--ink-soft)">
          <text x={FRAME.left} y="180">
            {mediumDay(new Date(first.occurred_at))}
          </text>
          <text x={FRAME.right} y="180" textAnchor="end">
            {mediumDay(new Date(last.occurred_at))}
          </text>
        </g>
      )}
    </svg>
  );
}
