// What was filled in is sent at once; without a network it waits on this device, sealed, under an id
// of ours, so that sending it twice keeps it once.
import { data, type Schemas } from "@salus/api-client";
import { api } from "../../lib/api";
import { newId } from "../../lib/ids";
import * as sealed from "../../lib/sealed";
import { whereabouts } from "../crisis/whereabouts";
import { type Filled, isConflict, isOffline, updateForm } from "./api";
import { keepDraft } from "./drafts";

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
    if (!isOffline(error)) throw error;
    await sealed.put(owner, `${WAITING}${kind}/${id}`, whole);
    return undefined;
  }
}

// A change to what the server has already: of which version, and where it is kept if the server has
// another one by then.
export interface Change {
  base: Filled;
  body: Schemas["FilledFormWrite"];
  draftName: string;
}

const CHANGE = `${WAITING}change/`;

/** As `keep`, for a form that is there already. */
export async function keepChange(owner: string, change: Change) {
  const name = CHANGE + change.base.id;
  try {
    const filled = await updateForm(change.base, change.body);
    // What waited is older than what was written now.
    await sealed.remove(owner, name);
    return filled;
  } catch (error) {
    if (!isOffline(error)) throw error;
    await sealed.put(owner, name, change);
    return undefined;
  }
}

/** The change to this form that waits for a connection, if there is one. */
export function waitingChange(owner: string, form: Filled): Promise<Change | undefined> {
  return sealed.get<Change>(owner, CHANGE + form.id);
}

// Two versions of the same: neither is thrown away. This one becomes a draft, and whoever opens the
// form is asked which to keep.
async function sendChange(owner: string, change: Change): Promise<void> {
  const { base, body, draftName } = change;
  try {
    await updateForm(base, body);
  } catch (error) {
    if (!isConflict(error)) throw error;
    await keepDraft(owner, draftName, { entry: body.entry, base, clash: true });
  }
}

// Sends what waits. What the server refuses stays, so that nothing is lost.
export async function sendWaiting(owner: string): Promise<number> {
  let sent = 0;
  for (const name of await sealed.names(owner, WAITING)) {
    const kind = name.slice(WAITING.length).split("/", 1)[0];
    if (!isKind(kind) && kind !== "change") continue;
    const body = await sealed.get<never>(owner, name);
    if (body) {
      try {
        await (kind === "change" ? sendChange(owner, body) : SEND[kind](body));
      } catch (error) {
        if (isOffline(error)) return sent;
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
