/**
 * Handlers in a child process, which can be replaced: one that exits, runs out of memory or loops for ever ends the
 * child and not the engine. All attempts share one child. When it dies under several of them nobody knows whose fault
 * it was, so each is made again alone in a child of its own, and only one that dies alone has crashed.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath, pathToFileURL } from "node:url";
import { messageOf, PawlError } from "../errors.ts";
import type { LogLine } from "../node/run-attempt.ts";
import type { HandlerCall, HandlerOutcome, Handlers } from "../ports/handlers.ts";
import { conditions } from "./bundle.ts";
import type { FromChild, HandlerEntries, ToChild } from "./handler-child.ts";

export interface ChildOptions {
  /** Lines of `step.log`. */
  readonly onLog: LogLine;
  /** Lines that handlers print. Default: to standard error. */
  readonly onOutput?: (line: string) => void;
  /** How long a child may be late with a timeout before it is taken to be blocked, and ended. Default 2000. */
  readonly graceMs?: number;
  /** How long it may take to load its modules. Default 30,000. */
  readonly loadMs?: number;
}

/** Children in which an attempt is made alone, at once. */
const MOST_ALONE = 2;
/** A child that could not load its modules is tried again after this. */
const RELOAD_MS = 1_000;
/** How long a child has to end by itself once it is told to. */
const POLITE_MS = 2_000;

export class ChildHandlers implements Handlers {
  readonly #options: Required<ChildOptions>;
  readonly #children = new Set<Child>();
  readonly #waiting: (() => void)[] = [];
  #entries: HandlerEntries = {};
  #shared: Child | undefined;
  #alone = 0;
  #stopped = false;

  constructor(options: ChildOptions) {
    const onOutput = (line: string) => void process.stderr.write(`${line}\n`);
    this.#options = { onOutput, graceMs: 2_000, loadMs: 30_000, ...options };
  }

  /**
   * Takes newer code, once a child has loaded it: new attempts go there, and the old child ends after those it has.
   *
   * @param files the built file of each workflow's handlers, by workflow
   * @throws PawlError `invalid_handler` when a module cannot be loaded; the old code then stays
   */
  async replace(files: Readonly<Record<string, string>>): Promise<void> {
    const urls = Object.entries(files).map(([workflow, file]) => [workflow, pathToFileURL(file).href] as const);
    const entries = Object.fromEntries(urls);
    const child = this.#fork(entries);
    const { failure, problems } = await child.loaded;
    const told = failure === undefined ? Object.values(problems) : [failure];
    if (told.length > 0) {
      void child.end();
      throw new PawlError("invalid_handler", told.join("\n"), { problems: told });
    }
    const old = this.#shared;
    this.#entries = entries;
    this.#shared = child;
    if (this.#stopped) void child.end();
    void old?.retire();
  }

  async run(call: HandlerCall): Promise<HandlerOutcome> {
    if (this.#stopped) return STOPPED;
    const ran = await this.#current().run(call);
    return ran.kind === "died" ? (ran.guilty ?? (await this.#runAlone(call))) : ran;
  }

  /** Ends every child. Attempts that are still being made there have crashed. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const go of this.#waiting.splice(0)) go();
    await Promise.all([...this.#children].map((child) => child.end()));
  }

  #current(): Child {
    if (this.#shared && !this.#shared.over) return this.#shared;
    const child = this.#fork(this.#entries);
    this.#shared = child;
    return child;
  }

  async #runAlone(call: HandlerCall): Promise<HandlerOutcome> {
    if (this.#alone >= MOST_ALONE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#alone++;
    if (this.#stopped) return STOPPED;
    const child = this.#fork(this.#entries);
    const ran = await child.run(call);
    void child.end().then(() => {
      const next = this.#waiting.shift();
      if (next)
        next(); // takes over the place
      else this.#alone--;
    });
    return ran.kind === "died" ? (ran.guilty ?? { kind: "crashed", message: ran.what }) : ran;
  }

  #fork(entries: HandlerEntries): Child {
    const child = new Child(entries, this.#options);
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    return child;
  }
}

const STOPPED: HandlerOutcome = { kind: "crashed", message: "the handlers were stopped before the attempt was made" };

type Ran =
  | HandlerOutcome
  /** `guilty`: nothing else ran there, so this is how the attempt ended. */
  | { readonly kind: "died"; readonly what: string; readonly guilty?: HandlerOutcome };

interface InFlight {
  readonly call: HandlerCall;
  readonly timer: NodeJS.Timeout;
  readonly resolve: (ran: Ran) => void;
}

interface LoadResult {
  /** The child came to nothing before it had loaded anything. */
  readonly failure?: string;
  readonly problems: Readonly<Record<string, string>>;
}

/** One process, from its start to its end. */
class Child {
  readonly loaded: Promise<LoadResult>;
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #options: Required<ChildOptions>;
  readonly #inFlight = new Map<number, InFlight>();
  readonly #tellLoaded: (result: LoadResult) => void;
  readonly #tellEnded: () => void;
  readonly #loading: NodeJS.Timeout;
  /** Attempts given to it, those among them that wait until it has loaded. */
  #given = 0;
  #lastId = 0;
  /** Nothing can be sent to it any more. */
  #gone = false;
  #retired = false;
  #blocked = false;
  /** Why it ends, when more is known than the exit code tells. */
  #reason: string | undefined;
  #epitaph: string | undefined;
  /** One that could not load answers so for a moment, instead of being started anew for each attempt. */
  #answers = true;

  constructor(entries: HandlerEntries, options: Required<ChildOptions>) {
    this.#options = options;
    const loaded = Promise.withResolvers<LoadResult>();
    const ended = Promise.withResolvers<void>();
    this.loaded = loaded.promise;
    this.ended = ended.promise;
    this.#tellLoaded = loaded.resolve;
    this.#tellEnded = ended.resolve;
    this.#process = fork(CHILD_FILE, {
      execArgv: conditions().map((condition) => `--conditions=${condition}`),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#listen();
    this.#loading = setTimeout(() => this.#kill(`took longer than ${options.loadMs} ms`), options.loadMs);
    this.#send({ kind: "load", entries });
  }

  /** A new one is needed. */
  get over(): boolean {
    return this.#gone && !this.#answers;
  }

  async run(call: HandlerCall): Promise<Ran> {
    this.#given++;
    try {
      const { failure } = await this.loaded;
      if (failure !== undefined) return { kind: "error", code: "handler_failed", message: failure, final: false };
      if (this.#gone)
        return { kind: "died", what: `the handlers' process ended before the handler of '${call.node}' began` };
      return await new Promise((resolve) => {
        const id = ++this.#lastId;
        // An answer that is there already is read first: perhaps it was this process that was slow.
        const late = () => setImmediate(() => this.#inFlight.has(id) && this.#endBlocked());
        this.#inFlight.set(id, { call, timer: setTimeout(late, call.timeoutMs + this.#options.graceMs), resolve });
        this.#send({ kind: "call", id, call });
      });
    } finally {
      this.#given--;
      if (this.#retired && this.#given === 0) void this.end();
    }
  }

  /** To be given nothing more: ends after what it has. */
  retire(): void {
    this.#retired = true;
    if (this.#given === 0) void this.end();
  }

  /** First asks, then kills. */
  async end(): Promise<void> {
    if (!this.#gone) {
      this.#gone = true;
      this.#reason ??= "was stopped";
      this.#send({ kind: "end" });
      setTimeout(() => this.#process.kill("SIGKILL"), POLITE_MS).unref();
    }
    await this.ended;
  }

  #endBlocked(): void {
    this.#blocked = true;
    this.#kill("was blocked");
  }

  #kill(reason: string): void {
    this.#gone = true;
    this.#reason ??= reason;
    this.#process.kill("SIGKILL");
  }

  #send(message: ToChild): void {
    const failed = (error: unknown) => this.#kill(`could not be reached: ${messageOf(error)}`);
    try {
      this.#process.send(message, (error) => error && failed(error));
    } catch (error) {
      failed(error);
    }
  }

  #listen(): void {
    const child = this.#process;
    child.on("message", (message: FromChild) => this.#receive(message));
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#passOn(stream);
    child.on("error", (error) => {
      this.#kill(messageOf(error));
      if (child.pid === undefined) this.#bury("could not be started");
    });
    const bury = (code: number | null, signal: NodeJS.Signals | null) =>
      this.#bury(signal ? `was ended by ${signal}` : `exited with code ${code}`);
    child.on("exit", (code, signal) => {
      this.#gone = true;
      setTimeout(() => {
        bury(code, signal);
        // A process that a handler started may hold on to these, and keep this one from ending.
        child.stdout?.destroy();
        child.stderr?.destroy();
      }, SOON_MS).unref();
    });
    // Outcomes that it sent before its end, and what it said of it, have been read by now.
    child.on("close", bury);
    child.on("disconnect", () => {
      if (this.#gone) return;
      this.#gone = true;
      // As a rule it has ended, and the exit code is about to come. Else a handler has closed the channel.
      setTimeout(() => child.exitCode === null && this.#kill("closed its channel"), SOON_MS).unref();
    });
  }

  #receive(message: FromChild): void {
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
      case "uncaught":
        this.#reason ??= `had an uncaught ${message.message}`;
        return;
    }
  }

  #settle(id: number, ran: Ran): void {
    const attempt = this.#inFlight.get(id);
    if (!attempt) return;
    this.#inFlight.delete(id);
    clearTimeout(attempt.timer);
    attempt.resolve(ran);
  }

  #bury(how: string): void {
    if (this.#epitaph) return;
    this.#epitaph = `the handlers' process ${this.#reason ? `${this.#reason} and ` : ""}${how}`;
    clearTimeout(this.#loading);
    // No effect if it had loaded.
    this.#tellLoaded({ failure: `${this.#epitaph} before its modules were loaded`, problems: {} });
    if (this.#answers)
      setTimeout(() => {
        this.#answers = false;
      }, RELOAD_MS).unref();
    const died = { kind: "died" as const, what: this.#epitaph };
    const alone = this.#inFlight.size === 1;
    for (const [id, { call }] of [...this.#inFlight])
      this.#settle(id, alone ? { ...died, guilty: this.#verdict(call, died.what) } : died);
    this.#tellEnded();
  }

  #verdict(call: HandlerCall, what: string): HandlerOutcome {
    if (!this.#blocked)
      return { kind: "crashed", message: `${what} before the handler of '${call.node}' had answered` };
    const message = `the handler took longer than ${call.timeoutMs} ms and blocked its process, which was ended: look for an endless loop`;
    return { kind: "error", code: "timeout", message, final: false };
  }

  #passOn(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      // What V8 says of a process that has no memory left.
      if (line.startsWith("FATAL ERROR")) this.#reason ??= `had a ${line}`;
      this.#options.onOutput(`[handlers ${this.#process.pid}] ${line}`);
    });
  }
}

/** Between two signs of the same end. */
const SOON_MS = 1_000;
/** `.ts` in the repository, `.js` in the package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const CHILD_FILE = fileURLToPath(new URL(`./handler-child${EXTENSION}`, import.meta.url));
