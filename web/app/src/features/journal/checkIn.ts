// A check-in: a face alone becomes an entry, which can be written on; with feelings and urges it is
// kept as what it is, and its ratings count.
import { t } from "../../i18n";
import { type CheckIn, type Created, create } from "./api";
import { type Level, scaleOf } from "./moods";

export const EMOTIONS = ["sadness", "fear", "anger", "shame", "loneliness", "joy"] as const;
export const URGES = ["suicide", "self-harm", "substances", "eating", "withdraw"] as const;

type Emotion = (typeof EMOTIONS)[number];
type Urge = (typeof URGES)[number];

// Strength from 0 to 10, by name.
export interface Felt {
  emotions: Partial<Record<Emotion, number>>;
  urges: Partial<Record<Urge, number>>;
}

export const NOTHING_FELT: Felt = { emotions: {}, urges: {} };

export type Rating = CheckIn["emotions"][number];

// What others wrote by its own name, what we offer in the language of the app.
export function felt(name: string): string {
  const emotion = EMOTIONS.find((one) => one === name);
  if (emotion) return t(`feel.${emotion}`);
  const urge = URGES.find((one) => one === name);
  return urge ? t(`urge.${urge}`) : name;
}

interface Moment {
  level: Level | undefined;
  tags: string[];
  note: string;
  felt: Felt;
}

export async function checkIn(owner: string, moment: Moment): Promise<Created> {
  const { level, tags, note, felt: rated } = moment;
  const scale = level && { scale: scaleOf(level) };
  const emotions = ratings(rated.emotions);
  const urges = ratings(rated.urges);
  if (emotions.length + urges.length === 0) {
    return create(owner, { ...scale, tags, content: note });
  }
  const body = { ...scale, emotions, urges, factors: tags, note };
  const { keep } = await import("../wellbeing/later");
  const kept = await keep(owner, "check-in", body);
  return kept ? { state: "kept", safety: kept.safety } : { state: "waiting" };
}

function ratings(rated: Record<string, number | undefined>) {
  return Object.entries(rated).flatMap(([name, strength]) =>
    strength === undefined ? [] : [{ name, strength }],
  );
}

export interface Call<N extends string = Urge> {
  urge: N;
  alert: boolean;
}

// From which strength on an urge is answered before anybody was asked; crates/crisis says the same.
const ALERT_FROM = { suicide: 6, "self-harm": 8 } as const;

// The most urgent of them.
export function urgent(urges: Felt["urges"]): Call | undefined {
  const calls = (["suicide", "self-harm"] as const)
    .map((urge) => ({ urge, strength: urges[urge] ?? 0 }))
    .filter(({ strength }) => strength > 0)
    .map(({ urge, strength }): Call => ({ urge, alert: strength >= ALERT_FROM[urge] }));
  return calls.find((call) => call.alert) ?? calls[0];
}
