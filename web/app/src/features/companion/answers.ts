// Answers while they are written. They lie beside the other things the app knows and not in a
// screen: whoever goes to the journal and comes back finds the answer further on, and a log-out
// takes them along. A connection that breaks is taken up again after the last event that came.
import { ApiFailure, data, type Schemas } from "@salus/api-client";
import { type QueryClient, skipToken, useQuery } from "@tanstack/react-query";
import { api } from "../../lib/api";
import { KEY, LISTS, messagesKey } from "./api";
import { eventsOf, type ServerEvent } from "./events";
import { type Use, withUse } from "./tools/uses";
import type { Message } from "./tree";

export interface Answer {
  id?: string;
  conversation?: string | undefined;
  // The message that is answered, and its words as long as no list has them.
  asked?: string | undefined;
  words?: string | undefined;
  parent?: string | undefined;
  // The pictures that go with them, as long as no list has those.
  sent?: readonly Blob[] | undefined;
  text: string;
  reasoning: string;
  tools: readonly Use[];
  safety?: { support: boolean; alert: boolean; message?: string | null };
  notice?: Schemas["ChatNotice"];
  state: "sending" | "writing" | "stopping" | "ended";
  failure?: ApiFailure;
}

// The place of an answer whose conversation has no id yet.
export const NEW = "new";
const OTHER_WINDOWS = "salus.chat";
const TRIES = 8;

const keyOf = (place: string) => [...KEY, "answer", place];

export function useAnswer(place: string): Answer | undefined {
  return useQuery<Answer>({ queryKey: keyOf(place), queryFn: skipToken }).data;
}

export function dismiss(queries: QueryClient, place: string): void {
  queries.removeQueries({ queryKey: keyOf(place) });
}

interface Asking {
  queries: QueryClient;
  request: Schemas["ChatRequest"];
  sent?: readonly Blob[] | undefined;
  onBegun: (conversation: string) => void;
}

// Sends a message and reads its answer to the end; false if the server did not take it.
export async function ask({ queries, request, sent, onBegun }: Asking): Promise<boolean> {
  const conversation = request.conversation_id ?? undefined;
  const reading = new Reading(queries, conversation ?? NEW, {
    conversation,
    asked: request.reply_to ?? undefined,
    words: request.content ?? (sent?.length ? "" : undefined),
    parent: request.parent_id ?? undefined,
    sent,
    text: "",
    reasoning: "",
    tools: [],
    state: "sending",
  });
  try {
    const body = await data(api.POST("/api/chat/stream", { body: request, parseAs: "stream" }));
    const begun = await reading.begin(body as unknown as Bytes);
    if (begun) onBegun(begun);
    return true;
  } catch (error) {
    reading.fail(error);
    return false;
  }
}

// Reads an answer on that is being written already: after a reload, or in a second window.
export function follow(queries: QueryClient, conversation: string, message: Message): void {
  if (queries.getQueryData(keyOf(conversation))) return;
  const asked = message.parent_id ?? undefined;
  const start = { id: message.id, conversation, asked, text: "", reasoning: "", tools: [] };
  void new Reading(queries, conversation, { ...start, state: "writing" }).on();
}

export async function stop(queries: QueryClient, place: string): Promise<void> {
  const answer = queries.getQueryData<Answer>(keyOf(place));
  if (!answer?.id || answer.state !== "writing") return;
  queries.setQueryData(keyOf(place), { ...answer, state: "stopping" });
  // That it ended meanwhile is what was wanted; that it goes on is seen by its words.
  await data(api.POST("/api/chat/cancel", { body: { stream_id: answer.id } })).catch(
    () => undefined,
  );
}

type Bytes = ReadableStream<Uint8Array>;

// One answer being read, over as many connections as it takes.
class Reading {
  private last = 0;
  private ended = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly queries: QueryClient,
    private place: string,
    private answer: Answer,
  ) {
    queries.setQueryData(keyOf(place), answer);
  }

  // Ready once the server has said which conversation it is; the rest is read meanwhile.
  begin(body: Bytes): Promise<string | undefined> {
    return new Promise((resolve) => {
      void this.read(body, resolve).then(() => {
        resolve(undefined);
        return this.on();
      });
    });
  }

  // Takes the stream up again until it has ended, waiting a little longer each time.
  async on(): Promise<void> {
    for (let count = 0; !this.ended && count < TRIES; count += 1) {
      if (!this.answer.id) return this.fail(undefined);
      if (count > 0) await moment(count);
      const before = this.last;
      try {
        const path = { id: this.answer.id };
        const params = { path, header: { "Last-Event-ID": this.last } };
        const body = await data(api.GET("/api/chat/stream/{id}", { params, parseAs: "stream" }));
        await this.read(body as unknown as Bytes);
        if (this.last > before) count = 0;
      } catch (error) {
        const again = error instanceof ApiFailure && (error.isOffline || error.status >= 500);
        if (!again) return this.fail(error);
      }
    }
    if (!this.ended) this.fail(undefined);
  }

  fail(error: unknown): void {
    this.ended = true;
    const failure = error instanceof ApiFailure ? error : new ApiFailure(0, "OFFLINE", "");
    this.put({ state: "ended", failure });
    this.show();
  }

  private async read(body: Bytes, begun?: (conversation?: string) => void): Promise<void> {
    try {
      for await (const event of eventsOf(body)) {
        if (event.id) this.last = event.id;
        this.take(event);
        if (event.name === "meta") begun?.(this.answer.conversation);
        if (this.ended) return;
      }
    } catch {
      // The connection broke; what came by then stays, and the rest is asked for.
    }
  }

  private take(event: ServerEvent): void {
    const found = (name: string) => field(event.data, name);
    switch (event.name) {
      case "meta":
        this.meta(found);
        break;
      case "delta":
        this.put({ text: this.answer.text + (found("text") ?? "") });
        break;
      case "reasoning":
        this.put({ reasoning: this.answer.reasoning + (found("text") ?? "") });
        break;
      case "snapshot":
        this.put({ text: found("text") ?? "", reasoning: found("reasoning") ?? "" });
        break;
      case "tool_call":
      case "tool_result":
        this.put({ tools: withUse(this.answer.tools, event.data as Use) });
        break;
      case "safety":
        this.put({ safety: event.data as NonNullable<Answer["safety"]> });
        break;
      case "notice":
        this.put({ notice: event.data as Schemas["ChatNotice"] });
        break;
      case "done":
      case "cancelled":
        this.end();
        break;
      case "error":
        this.end(new ApiFailure(503, found("code") ?? "", found("message") ?? ""));
        break;
    }
  }

  private meta(found: (name: string) => string | undefined): void {
    const conversation = found("conversation_id") ?? this.answer.conversation;
    const [id, asked] = [found("message_id"), found("user_message_id")];
    this.put({ state: "writing", conversation, ...(id && { id }), ...(asked && { asked }) });
    if (!conversation) return;
    if (this.place === NEW) {
      dismiss(this.queries, NEW);
      this.place = conversation;
      this.queries.setQueryData(keyOf(conversation), this.answer);
    }
    this.show();
    void this.queries.invalidateQueries({ queryKey: LISTS });
    tellOthers(conversation);
  }

  // The stored answer takes the place of the one that was read, without a moment in between.
  private end(failure?: ApiFailure): void {
    this.ended = true;
    this.put({ state: "ended", ...(failure && { failure }) });
    this.show();
    const { id, conversation } = this.answer;
    if (!id || !conversation) return;
    void this.settle(id, messagesKey(conversation));
    for (const key of ["conversation", "list", "usage"]) {
      void this.queries.invalidateQueries({ queryKey: [...KEY, key] });
    }
    tellOthers(conversation);
  }

  // A list that was being read for the first time when the answer ended may not know of the end,
  // and is read once more.
  private async settle(id: string, list: string[]): Promise<void> {
    for (let count = 0; count < 3; count += 1) {
      await this.queries.invalidateQueries({ queryKey: list, refetchType: "all" });
      const stored = this.queries.getQueryData<Message[]>(list);
      const there = stored?.some((one) => one.id === id && one.state !== "running");
      if (!stored || there) return this.giveUpPlace(id);
    }
  }

  // Whoever writes fast has asked for the next answer by then, and the place is that one's.
  private giveUpPlace(id: string): void {
    const here = this.queries.getQueryData<Answer>(keyOf(this.place));
    if (here?.id === id) dismiss(this.queries, this.place);
  }

  // A page is drawn anew for a handful of words, not for each.
  private put(part: Partial<Answer>): void {
    this.answer = { ...this.answer, ...part };
    this.timer ??= setTimeout(() => this.show(), 30);
  }

  // What was taken away meanwhile, by a log-out, is not put back.
  private show(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const shown = this.queries.getQueryData<Answer>(keyOf(this.place));
    if (!shown) {
      this.ended = true;
      return;
    }
    const stopping = shown.state === "stopping" && this.answer.state === "writing";
    const state = stopping ? "stopping" : this.answer.state;
    this.queries.setQueryData(keyOf(this.place), { ...this.answer, state });
  }
}

function field(found: unknown, name: string): string | undefined {
  const value = found && typeof found === "object" ? Reflect.get(found, name) : undefined;
  return typeof value === "string" ? value : undefined;
}

// Longer each time, and over at once when there is a connection again.
function moment(count: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(250 * 2 ** count, 10_000));
    addEventListener("online", done);
  });
}

function tellOthers(conversation: string): void {
  const channel = new BroadcastChannel(OTHER_WINDOWS);
  channel.postMessage(conversation);
  channel.close();
}

// Calls back when another window has begun or ended an answer.
export function onOtherWindows(listener: (conversation: string) => void): () => void {
  const channel = new BroadcastChannel(OTHER_WINDOWS);
  channel.onmessage = (event) => listener(String(event.data));
  return () => channel.close();
}
