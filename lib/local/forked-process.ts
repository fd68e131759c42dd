/**
 * A process of `handler-child.ts`, from its fork to its end: messages to and from it, the lines it prints, and one
 * sentence on why it ended, put together from whatever tells of the same end.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { messageOf } from "../errors.ts";
import { conditions } from "../project/bundle.ts";
import type { FromChild, ToChild } from "./handler-child.ts";

/** What it says while it lives; its last words go into the sentence on its end. */
export type ChildMessage = Exclude<FromChild, { kind: "uncaught" }>;

export interface ForkedProcessOptions {
  readonly onMessage: (message: ChildMessage) => void;
  /** Lines that it prints, with its process id. */
  readonly onOutput: (line: string) => void;
  /** Told once, just before `ended` resolves: why it ended. */
  readonly onEnd: (epitaph: string) => void;
}

/** How long it has to end by itself once it is told to. */
const POLITE_MS = 2_000;
/** Between two signs of the same end. */
const SOON_MS = 1_000;
/** `.ts` in the repository, `.js` in the package. */
const EXTENSION = import.meta.url.slice(import.meta.url.lastIndexOf("."));
const CHILD_FILE = fileURLToPath(new URL(`./handler-child${EXTENSION}`, import.meta.url));

export class ForkedProcess {
  readonly ended: Promise<void>;
  readonly #process: ChildProcess;
  readonly #options: ForkedProcessOptions;
  readonly #tellEnded: () => void;
  #gone = false;
  /** Why it ends, when more is known than the exit code tells. */
  #reason: string | undefined;
  #epitaph: string | undefined;

  constructor(options: ForkedProcessOptions) {
    this.#options = options;
    const ended = Promise.withResolvers<void>();
    this.ended = ended.promise;
    this.#tellEnded = ended.resolve;
    this.#process = fork(CHILD_FILE, {
      execArgv: conditions().map((condition) => `--conditions=${condition}`),
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#listen();
  }

  /** Nothing can be sent to it any more. */
  get gone(): boolean {
    return this.#gone;
  }

  send(message: ToChild): void {
    const failed = (error: unknown) => this.kill(`could not be reached: ${messageOf(error)}`);
    try {
      this.#process.send(message, (error) => error && failed(error));
    } catch (error) {
      failed(error);
    }
  }

  /** First asks, then kills. */
  async end(): Promise<void> {
    if (!this.#gone) {
      this.#gone = true;
      this.#reason ??= "was stopped";
      this.send({ kind: "end" });
      setTimeout(() => this.#process.kill("SIGKILL"), POLITE_MS).unref();
    }
    await this.ended;
  }

  kill(reason: string): void {
    this.#gone = true;
    this.#reason ??= reason;
    this.#process.kill("SIGKILL");
  }

  #listen(): void {
    const child = this.#process;
    child.on("message", (message: FromChild) => {
      if (message.kind === "uncaught") this.#reason ??= `had an uncaught ${message.message}`;
      else this.#options.onMessage(message);
    });
    for (const stream of [child.stdout, child.stderr]) if (stream) this.#passOn(stream);
    child.on("error", (error) => {
      this.kill(messageOf(error));
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
      setTimeout(() => child.exitCode === null && this.kill("closed its channel"), SOON_MS).unref();
    });
  }

  #bury(how: string): void {
    if (this.#epitaph) return;
    this.#epitaph = `the handlers' process ${this.#reason ? `${this.#reason} and ` : ""}${how}`;
    this.#options.onEnd(this.#epitaph);
    this.#tellEnded();
  }

  #passOn(stream: Readable): void {
    createInterface({ input: stream }).on("line", (line) => {
      // What V8 says of a process that has no memory left.
      if (line.startsWith("FATAL ERROR")) this.#reason ??= `had a ${line}`;
      this.#options.onOutput(`[handlers ${this.#process.pid}] ${line}`);
    });
  }
}
