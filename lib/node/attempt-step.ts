/** The step as a handler sees it, for one attempt. */
import type { HandedOut, HandOut } from "../contract/callback.ts";
import { idempotencyKey } from "../contract/ids.ts";
import { checkTransact } from "../contract/transact.ts";
import type { TransactAction } from "../contract/transact-action.ts";
import { PawlError } from "../errors.ts";
import type { Node, SignalContract } from "../model/contracts.ts";
import { type Json, notJson, toJson } from "../model/json.ts";
import type { Beat, HandlerCall, Remember } from "../ports/handlers.ts";
import { callbackOf } from "./callback-of.ts";
import type { Ending } from "./ending.ts";
import type { CallbackOptions, Step, UndoneStep } from "./implement.ts";

export type LogLine = (line: {
  readonly step: HandlerCall["step"];
  readonly message: string;
  readonly data?: Json;
}) => void;

/** What an attempt says while it is made. */
export interface Telling {
  readonly log: LogLine;
  readonly remember: Remember;
  readonly beat: Beat;
  /** Begun when nothing will come of the attempt any more. */
  readonly ending: Ending;
  readonly handOut: HandOut;
}

/** For engines that answer nobody. */
export const handOutNowhere: HandOut = async () => {
  throw new TypeError("no callbacks are handed out here: the engine has no keys for them");
};

/** Ends the step with a declared error. */
export class Declared extends Error {
  readonly code: string;
  readonly data: Json | undefined;
  constructor(code: string, data: Json | undefined) {
    super(data === undefined ? code : `${code}: ${JSON.stringify(data)}`);
    this.code = code;
    this.data = data;
  }
}

/** A property, an attribute of an item, and a word in an error. */
const MEMO_NAME = /^[a-zA-Z][a-zA-Z0-9]{0,63}$/;

export interface Surroundings extends Pick<Telling, "log" | "remember" | "handOut" | "ending"> {
  readonly beat: () => void;
}

export class AttemptStep implements Step {
  readonly execution: string;
  readonly path: string;
  readonly attempt: number;
  readonly #ending: Ending;
  readonly #node: Node;
  readonly #call: HandlerCall;
  readonly #telling: Pick<Telling, "log" | "remember" | "handOut">;
  readonly #beat: () => void;
  readonly #parts = new Map<string, Promise<unknown>>();
  #transact: readonly TransactAction[] = [];

  constructor(node: Node, call: HandlerCall, { ending, beat, ...telling }: Surroundings) {
    this.execution = call.step.execution;
    this.path = call.step.path;
    this.attempt = call.step.attempt;
    this.#ending = ending;
    this.#node = node;
    this.#call = call;
    this.#telling = telling;
    this.#beat = beat;
  }

  get signal(): AbortSignal {
    return this.#ending.signal;
  }
  get workflow(): string {
    return this.execution.slice(0, this.execution.indexOf("/"));
  }
  get executionId(): string {
    return this.execution.slice(this.execution.indexOf("/") + 1);
  }
  get idempotencyKey(): string {
    return idempotencyKey(this.#call.step);
  }
  get undoes(): UndoneStep | undefined {
    const { execution, undoes } = this.#call.step;
    return undoes && { path: undoes.path, idempotencyKey: idempotencyKey({ execution, ...undoes }) };
  }
  /** What `transact` was given, to be written as the step settles. */
  get transacted(): readonly TransactAction[] {
    return this.#transact;
  }

  // biome-ignore lint/suspicious/noConfusingVoidType: as in Step
  memo<T extends Json | undefined | void>(name: string, part: () => T | Promise<T>): Promise<T> {
    if (!MEMO_NAME.test(name))
      throw new TypeError(`memo("${name}") has a name of the wrong form: 1 to 64 letters and digits, first a letter`);
    const begun = this.#parts.get(name) ?? this.#remembered(name, part);
    this.#parts.set(name, begun);
    return begun as Promise<T>; // what the part of this name gave, now or in an earlier attempt
  }

  transact(...actions: readonly TransactAction[]): void {
    if (this.#node.options.repeatable)
      throw refused(`'${this.#node.node}' is repeatable and so may run twice: a transaction is for nodes that are not`);
    const checked = checkTransact([...this.#transact, ...actions]);
    if (!checked.ok) throw refused(checked.problem);
    this.#transact = checked.value;
  }

  heartbeat(): void {
    this.#beat();
  }

  async callback(signal: SignalContract, of: CallbackOptions): Promise<HandedOut> {
    const { callback, expiresMs } = callbackOf({ node: this.#node, step: this.#call.step }, signal, of);
    const expires = () => Math.ceil((Date.now() + expiresMs) / 1000) * 1000;
    // Remembered, or each attempt would send another address, perhaps under the same idempotency key.
    const expiresAtMs = await this.memo(`callback${callback.id}`, expires);
    return this.#telling.handOut({ ...callback, expiresAtMs });
  }

  log(message: string, data?: Json): void {
    this.#telling.log({ step: this.#call.step, message, ...(data !== undefined && { data }) });
  }

  fail(code: string, data?: Json): never {
    const json = data === undefined ? undefined : toJson(data);
    if (json?.ok === false) throw new TypeError(notJson(`the data of fail("${code}")`, json));
    if (!this.#node.errors.includes(code))
      throw new TypeError(`fail("${code}") is not declared: add it to the node's errors`);
    throw new Declared(code, json?.value);
  }

  /** Nothing is remembered as null. */
  async #remembered(name: string, part: () => unknown): Promise<unknown> {
    const { memo = {} } = this.#call;
    if (Object.hasOwn(memo, name)) return memo[name];
    const json = toJson((await part()) ?? null);
    if (!json.ok) throw new TypeError(notJson(`what memo("${name}") is to remember`, json));
    await this.#telling.remember(name, json.value);
    return json.value;
  }
}

const refused = (problem: string): PawlError => new PawlError("invalid_transaction", problem);
