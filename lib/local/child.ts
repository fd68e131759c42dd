/**
 * One child that handlers run in, seen from the engine: what it loads, the attempts it has, and how each ends, which
 * it does in any case. A child that is late with a timeout is blocked, and is ended.
 */
import type { HandOut } from "../contract/callback.ts";
import { messageOf } from "../errors.ts";
import { type LogLine, silentFor } from "../node/run-attempt.ts";
import type { Beat, HandlerCall, HandlerOutcome, Remember } from "../ports/handlers.ts";
import { type ChildMessage, ForkedProcess } from "./forked-process.ts";
import type { HandlerEntries } from "./handler-child.ts";

export interface ChildOptions {
  /** Lines of `step.log`. */
  readonly onLog: LogLine;
  /** Signs callbacks. Default: there are none. */
  readonly handOut?: HandOut;
  /** Lines that handlers print. Default: to standard error. */
  readonly onOutput?: (line: string) => void;
  /** How long a child may be late with a timeout before it is taken to be blocked, and ended. Default 2000. */
  readonly graceMs?: number;
  /** How long it may take to load its modules. Default 30,000. */
  readonly loadMs?: number;
}

export type Ran =
  | HandlerOutcome
  /** `guilty`: nothing else ran there, so this is how the attempt ended. */
  | { readonly kind: "died"; readonly what: string; readonly guilty?: HandlerOutcome };

interface InFlight {
  readonly call: HandlerCall;
  readonly remember: Remember;
  readonly beat: Beat;
  /** Ring when it is late with a timeout, or with telling of its silence. */
  readonly timer: NodeJS.Timeout;
  readonly silence: NodeJS.Timeout | undefined;
  readonly resolve: (ran: Ran) => void;
}

/** Which attempt was late, and with what. */
interface Blocked {
  readonly id: number;
  readonly by: "timeout" | "silence";
}

interface LoadResult {
  /** The child came to nothing before it had loaded anything. */
  readonly failure?: string;
  readonly problems: Readonly<Record<string, string>>;
}

/** A child that could not load its modules is tried again after this. */
const RELOAD_MS = 1_000;

export class Child {
  readonly loaded: Promise<LoadResult>;
  readonly ended: Promise<void>;
  readonly #process: ForkedProcess;
  readonly #options: Required<ChildOptions>;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #tellLoaded: (result: LoadResult) => void;
  readonly #loading: NodeJS.Timeout;
  /** Attempts given to it, those among them that wait until it has loaded. */
  #given = 0;
  #lastId = 0;
  #retired = false;
  #blocked: Blocked | undefined;
  /** One that could not load answers so for a moment, instead of being started anew for each attempt. */
  #answers = true;

  constructor(entries: HandlerEntries, options: Required<ChildOptions>) {
    const { loadMs, onOutput } = options;
    this.#options = options;
    const loaded = Promise.withResolvers<LoadResult>();
    this.loaded = loaded.promise;
    this.#tellLoaded = loaded.resolve;
    this.#process = new ForkedProcess({
      onMessage: (message) => this.#receive(message),
      onOutput,
      onEnd: (epitaph) => this.#settleAll(epitaph),
    });
    this.ended = this.#process.ended;
    this.#loading = setTimeout(() => this.#process.kill(`took longer than ${loadMs} ms`), loadMs);
    this.#process.send({ kind: "load", entries });
  }

  /** A new one is needed. */
  get over(): boolean {
    return this.#process.gone && !this.#answers;
  }

  async run(call: HandlerCall, remember: Remember, beat: Beat): Promise<Ran> {
    this.#given++;
    try {
      const { failure } = await this.loaded;
      if (failure !== undefined) return { kind: "error", code: "handler_failed", message: failure, final: false };
      if (this.#process.gone)
        return { kind: "died", what: `the handlers' process ended before the handler of '${call.node}' began` };
      return await new Promise((resolve) => {
        const id = ++this.#lastId;
        // An answer that is there already is read first: perhaps it was this process that was slow.
        const late = (by: Blocked["by"]) => () =>
          setImmediate(() => this.#inFlight.has(id) && this.#endBlocked({ id, by }));
        const { graceMs } = this.#options;
        const timer = setTimeout(late("timeout"), call.timeoutMs + graceMs);
        // A third of it may pass between two beats before it tells of the second.
        const { heartbeatMs } = call;
        const silence =
          heartbeatMs === undefined ? undefined : setTimeout(late("silence"), (heartbeatMs * 4) / 3 + graceMs);
        this.#inFlight.set(id, { call, remember, beat, timer, silence, resolve });
        this.#process.send({ kind: "call", id, call });
      });
    } finally {
      this.#given--;
      if (this.#retired && this.#given === 0) void this.end();
    }
  }

  abort(execution: string, scope: string): void {
    if (!this.#process.gone) this.#process.send({ kind: "abort", execution, scope });
  }

  /** To be given nothing more: ends after what it has. */
  retire(): void {
    this.#retired = true;
    if (this.#given === 0) void this.end();
  }

  /** Attempts that it still has have crashed. */
  async end(): Promise<void> {
    await this.#process.end();
  }

  #endBlocked(blocked: Blocked): void {
    this.#blocked ??= blocked;
    this.#process.kill("was blocked");
  }

  #receive(message: ChildMessage): void {
    switch (message.kind) {
      case "loaded":
        clearTimeout(this.#loading);
        this.#answers = false;
        this.#tellLoaded({ problems: message.problems });
        return;
      case "outcome":
        this.#settle(message.id, message.outcome);
        return;
      case "log":
        this.#options.onLog(message.line);
        return;
      case "remember":
        void this.#remember(message);
        return;
      case "beat":
        void this.#beat(message.id);
        return;
      case "handOut":
        void this.#handOut(message);
        return;
    }
  }

  async #remember({ id, name, value }: Extract<ChildMessage, { kind: "remember" }>): Promise<void> {
    let error: string | undefined;
    try {
      await this.#inFlight.get(id)?.remember(name, value);
    } catch (e) {
      error = messageOf(e);
    }
    this.#process.send({ kind: "remembered", id, name, ...(error !== undefined && { error }) });
  }

  async #beat(id: number): Promise<void> {
    const attempt = this.#inFlight.get(id);
    attempt?.silence?.refresh();
    const answer = await attempt?.beat().catch(() => undefined);
    if (answer) this.#process.send({ kind: "beaten", id, answer });
  }

  async #handOut({ request, callback }: Extract<ChildMessage, { kind: "handOut" }>): Promise<void> {
    const of = { kind: "handedOut", request } as const;
    try {
      const given = await this.#options.handOut(callback);
      this.#process.send({ ...of, given });
    } catch (error) {
      this.#process.send({ ...of, error: messageOf(error) });
    }
  }

  #settle(id: number, ran: Ran): void {
    const attempt = this.#inFlight.get(id);
    if (!attempt) return;
    this.#inFlight.delete(id);
    clearTimeout(attempt.timer);
    clearTimeout(attempt.silence);
    attempt.resolve(ran);
  }

  #settleAll(epitaph: string): void {
    clearTimeout(this.#loading);
    // No effect if it had loaded.
    this.#tellLoaded({ failure: `${epitaph} before its modules were loaded`, problems: {} });
    if (this.#answers)
      setTimeout(() => {
        this.#answers = false;
      }, RELOAD_MS).unref();
    const died = { kind: "died" as const, what: epitaph };
    const alone = this.#inFlight.size === 1;
    for (const [id, { call }] of [...this.#inFlight])
      this.#settle(id, alone ? { ...died, guilty: this.#verdict(call, epitaph) } : died);
  }

  #verdict(call: HandlerCall, what: string): HandlerOutcome {
    if (!this.#blocked)
      return { kind: "crashed", message: `${what} before the handler of '${call.node}' had answered` };
    const { heartbeatMs } = call;
    const silent = this.#blocked.by === "silence" && heartbeatMs !== undefined;
    const late = silent ? silentFor(heartbeatMs) : `the handler took longer than ${call.timeoutMs} ms`;
    const message = `${late} and blocked its process, which was ended: look for an endless loop`;
    return { kind: "error", code: silent ? "heartbeat_timeout" : "timeout", message, final: false };
  }
}
