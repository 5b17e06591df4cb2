// Where results stand in a picture: time from left to right, points from below.

export interface Point {
  id: string;
  occurred_at: string;
  total: number;
}

export interface Frame {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface Spot extends Point {
  x: number;
  y: number;
}

export function spots(points: readonly Point[], max: number, frame: Frame): Spot[] {
  const times = points.map((point) => new Date(point.occurred_at).getTime());
  const first = Math.min(...times);
  const span = Math.max(...times) - first;
  return points.map((point, at) => ({
    ...point,
    // Several within one moment, or a single one, stand side by side.
    x:
      span > 0
        ? frame.left + (((times[at] ?? first) - first) / span) * (frame.right - frame.left)
        : frame.left + ((at + 1) / (points.length + 1)) * (frame.right - frame.left),
    y: height(point.total, max, frame),
  }));
}

export function height(total: number, max: number, frame: Frame): number {
  const share = max > 0 ? Math.min(1, Math.max(0, total / max)) : 0;
  return frame.bottom - share * (frame.bottom - frame.top);
}

export function line(found: readonly Spot[]): string {
  return found.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
}

// The share of each band on a line from nothing to the most, as it is drawn under a result.
export function shares(bands: readonly { from: number; to: number; name: string }[]) {
  const all = bands.reduce((sum, band) => sum + band.to - band.from + 1, 0);
  return bands.map((band) => ({ ...band, share: (band.to - band.from + 1) / all }));
}
