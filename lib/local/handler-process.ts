/**
 * Handlers in a child process, which can be replaced: one that exits, runs out of memory or loops for ever ends the
 * child and not the engine. All attempts share one child. When it dies under several of them nobody knows whose fault
 * it was, so each is made again alone in a child of its own, and only one that dies alone has crashed.
 */
import { pathToFileURL } from "node:url";
import { PawlError } from "../errors.ts";
import { handOutNowhere } from "../node/run-attempt.ts";
import type { Beat, HandlerCall, HandlerOutcome, Handlers, Remember } from "../ports/handlers.ts";
import { Child, type ChildOptions } from "./child.ts";
import type { HandlerEntries } from "./handler-child.ts";

export type { ChildOptions };

/** Children in which an attempt is made alone, at once. */
const MOST_ALONE = 2;

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
    this.#options = { onOutput, graceMs: 2_000, loadMs: 30_000, handOut: handOutNowhere, ...options };
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

  async run(call: HandlerCall, remember: Remember, beat: Beat): Promise<HandlerOutcome> {
    if (this.#stopped) return STOPPED;
    const ran = await this.#current().run(call, remember, beat);
    return ran.kind === "died" ? (ran.guilty ?? (await this.#runAlone(call, remember, beat))) : ran;
  }

  abort(execution: string, scope: string): void {
    for (const child of this.#children) child.abort(execution, scope);
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

  async #runAlone(call: HandlerCall, remember: Remember, beat: Beat): Promise<HandlerOutcome> {
    if (this.#stopped) return STOPPED; // nobody calls those who would begin to wait now
    if (this.#alone >= MOST_ALONE) await new Promise<void>((go) => this.#waiting.push(go));
    else this.#alone++;
    if (this.#stopped) return STOPPED;
    const child = this.#fork(this.#entries);
    const ran = await child.run(call, remember, beat);
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
