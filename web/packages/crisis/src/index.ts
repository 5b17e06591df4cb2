// The engine of crisis detection, the same that the server has, for words that must not or cannot
// be sent: drafts of sealed chats, and everything that is written offline.

/** What is remembered of a conversation: never a word of it. */
export interface Memory {
  level: number;
  asked: "suicide" | "plan" | "safe" | null;
  denials: number;
}

export interface Assessment {
  /** From 0 to 10. */
  level: number;
  support: boolean;
  alert: boolean;
  imminent: boolean;
  keywords: boolean;
  sentiment: number;
  despair: number;
  audience: "myself" | "worried_about_other" | "bereaved" | "professional";
  language: string | null;
  kinds: string[];
  rules: string[];
  memory: Memory;
}

interface Turn {
  role: "user" | "assistant";
  text: string;
}

export interface Request {
  text: string;
  /** What the person chose, such as `de`. */
  language?: string;
  /** What the assessment of the message before said to remember. */
  memory?: Memory;
  /** What was said before, oldest first, where nothing was remembered. */
  before?: Turn[];
}

interface Exports {
  memory: WebAssembly.Memory;
  request(length: number): number;
  assess(): number;
  answered(): number;
}

/** Looks at words here; they go nowhere. */
export class Engine {
  readonly #exports: Exports;

  private constructor(exports: Exports) {
    this.#exports = exports;
  }

  /** From the bytes of `engine.wasm`, or the answer that brings them. */
  static async load(from: BufferSource | Response): Promise<Engine> {
    const bytes = from instanceof Response ? await from.arrayBuffer() : from;
    const { instance } = await WebAssembly.instantiate(bytes, {});
    return new Engine(instance.exports as unknown as Exports);
  }

  assess(request: Request): Assessment {
    const answer = JSON.parse(this.answer(JSON.stringify(request)));
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.assessment;
  }

  /** Request and answer as text, as the tests compare them. */
  answer(request: string): string {
    const bytes = new TextEncoder().encode(request);
    const at = this.#exports.request(bytes.length);
    // The memory may have moved while room was made: it is asked for anew each time.
    new Uint8Array(this.#exports.memory.buffer, at, bytes.length).set(bytes);
    const length = this.#exports.assess();
    const answer = new Uint8Array(this.#exports.memory.buffer, this.#exports.answered(), length);
    return new TextDecoder().decode(answer);
  }
}
