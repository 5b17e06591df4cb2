// What was filled in is sent at once; without a network it waits on this device, sealed, under an id
// of ours, so that sending it twice keeps it once.
import { ApiFailure, data, type Schemas } from "@salus/api-client";
import { api } from "../../lib/api";
import { newId } from "../../lib/ids";
import * as sealed from "../../lib/sealed";
import { whereabouts } from "../crisis/whereabouts";

export interface Bodies {
  result: Schemas["ResultWrite"];
  form: Schemas["FilledFormWrite"];
  practice: Schemas["PracticeWrite"];
  "check-in": Schemas["CheckInWrite"];
}

interface Answers {
  result: Schemas["QuestionnaireResultKept"];
  form: Schemas["FilledFormKept"];
  practice: Schemas["PracticeKept"];
  "check-in": Schemas["CheckInKept"];
}

export type Kind = keyof Bodies;

export const WAITING = "later/";

const params = () => ({ query: whereabouts(), header: {} });

const SEND: { [K in Kind]: (body: Bodies[K]) => Promise<Answers[K]> } = {
  result: (body) => data(api.POST("/api/wellbeing/results", { params: params(), body })),
  form: (body) => data(api.POST("/api/wellbeing/forms", { params: params(), body })),
  practice: (body) => data(api.POST("/api/wellbeing/practice", { params: params(), body })),
  "check-in": (body) => data(api.POST("/api/journal/check-ins", { params: params(), body })),
};

// The answer of the server, or nothing if it waits for a connection.
export async function keep<K extends Kind>(
  owner: string,
  kind: K,
  body: Bodies[K],
): Promise<Answers[K] | undefined> {
  const id = body.id ?? newId();
  const whole = { occurred_at: new Date().toISOString(), ...body, id };
  try {
    return await SEND[kind](whole);
  } catch (error) {
    if (!(error instanceof ApiFailure && error.isOffline)) throw error;
    await sealed.put(owner, `${WAITING}${kind}/${id}`, whole);
    return undefined;
  }
}

// Sends what waits. What the server refuses stays, so that nothing is lost.
export async function sendWaiting(owner: string): Promise<number> {
  let sent = 0;
  for (const name of await sealed.names(owner, WAITING)) {
    const kind = name.slice(WAITING.length).split("/", 1)[0];
    const body = await sealed.get<never>(owner, name);
    if (!isKind(kind)) continue;
    if (body) {
      try {
        await SEND[kind](body);
      } catch (error) {
        if (error instanceof ApiFailure && error.isOffline) return sent;
        continue;
      }
    }
    await sealed.remove(owner, name);
    sent += 1;
  }
  return sent;
}

function isKind(kind: string | undefined): kind is Kind {
  return kind !== undefined && kind in SEND;
}
