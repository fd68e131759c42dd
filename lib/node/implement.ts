import middy, { type MiddlewareObj } from "@middy/core";
import type { HandedOut } from "../contract/callback.ts";
import type { TransactAction } from "../contract/transact-action.ts";
import type { Node, SignalContract } from "../model/contracts.ts";
import type { Duration } from "../model/duration.ts";
import type { Json } from "../model/json.ts";

/** The step that an undo takes back. */
export interface UndoneStep {
  readonly path: string;
  /** The one that its attempts had: what finds its effect elsewhere when its output is not known. */
  readonly idempotencyKey: string;
}

/** What a handler knows of the attempt it makes. */
export interface Step<E extends string = string, C extends SignalContract = SignalContract> {
  /** `order/1042` */
  readonly execution: string;
  readonly executionId: string;
  readonly workflow: string;
  /** The step's address: `charge`, `pack/3/packLine`. */
  readonly path: string;
  /** From 1. */
  readonly attempt: number;
  /** The same on every attempt of this step: hand it to whatever has an effect elsewhere. */
  readonly idempotencyKey: string;
  /** The step that this one takes back, where it is an `undo`; else undefined. */
  readonly undoes: UndoneStep | undefined;
  /**
   * Aborted when the attempt's time is over, it was silent for longer than its heartbeat, or nothing will come of it since
   * its execution is ending or another branch has won: hand it to whatever can be stopped. An execution's end is noticed at once where the engine
   * runs beside the handlers, and at a heartbeat elsewhere.
   */
  readonly signal: AbortSignal;
  /**
   * Runs a part of the handler and remembers what it gives: a later attempt of the step gets that, without running it.
   * It runs at least once; between its end and the remembering the process may die, so give the part the idempotency
   * key. In one attempt the same name is one part.
   *
   * @param name 1 to 64 letters and digits, the first a letter
   * @param part gives JSON, or nothing
   * @throws whatever the part throws, and then nothing is remembered
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a part that gives nothing is written as one
  memo<T extends Json | undefined | void>(name: string, part: () => T | Promise<T>): Promise<T>;
  /**
   * Writes to DynamoDB tables of yours, which take effect in the write that settles this step: both or neither, once.
   * An attempt that fails writes nothing. Where a condition does not hold, the attempt fails with `transaction_unmet`.
   * At most 99 actions a step, in all its calls. Not in a `repeatable` node.
   *
   * @throws PawlError `invalid_transaction`
   */
  transact(...actions: readonly TransactAction[]): void;
  /**
   * Says that the handler is still at work. A node that declares `heartbeat` fails with `heartbeat_timeout` when this was
   * not called for so long, and otherwise it does nothing. Cheap: call it as often as is convenient.
   */
  heartbeat(): void;
  /**
   * A callback for a person or another system: an address to answer at, once, which gives the execution this signal. It
   * may be answered before anything waits for the signal. The node declares it: `callbacks: [decision]`. Again for the
   * same signal and subject, on each attempt too, it is the same callback, with the same end of its time.
   *
   * @example
   * const { url } = await step.callback(decision, {
   *   for: "legal@example.org",
   *   answers: { Approve: { approved: true }, Reject: { approved: false } },
   *   expires: "3 days",
   * });
   *
   * @throws TypeError when the node does not declare it, or an option is refused
   */
  callback<S extends C>(signal: S, of: CallbackOptions<S["~t"]>): Promise<HandedOut>;
  /** A line in the log with execution, path and attempt. */
  log(message: string, data?: Json): void;
  /** Ends the step with a declared error. Final: not tried again, unless the node's `retry.on` names it. */
  fail(code: E, data?: Json): never;
}

export interface CallbackOptions<T = unknown> {
  /** Whom it is made for, as the page and the logs call them: 1 to 200 characters. Whoever has the address may answer. */
  readonly for: string;
  /**
   * The only answers that are taken, 1 to 10, each under the word on its button: the signal's data, or where that is an
   * object a part of it, beside which the rest is free. They can be read in the address. Default: any that fits the signal.
   */
  readonly answers?: Readonly<Record<string, T extends readonly unknown[] ? T : T extends object ? Partial<T> : T>>;
  /** How long it can be answered, from the first attempt on: up to 366 days. Default 7 days. */
  readonly expires?: Duration;
}

export type HandlerFunction<I, O, E extends string, C extends SignalContract = SignalContract> = (
  input: I,
  step: Step<E, C>,
) => O | Promise<O>;

export interface HandlerOptions {
  /** middy middleware around the call: `event` is the input, `context` the step. */
  readonly use?: readonly MiddlewareObj[];
}

export interface Handler<
  I = unknown,
  O = unknown,
  E extends string = string,
  C extends SignalContract = SignalContract,
> {
  readonly kind: "handler";
  readonly node: Node<string, I, O, E, C>;
  /** Calls the handler as the engine would, without checks and limits: for unit tests. */
  run(input: I, step: Step<E, C>): Promise<O>;
}

/** Binds a handler to its node's contract. */
export function implement<const N extends string, I, O, E extends string, C extends SignalContract>(
  node: Node<N, I, O, E, C>,
  handle: NoInfer<HandlerFunction<I, O, E, C>>,
  options: HandlerOptions = {},
): Handler<I, O, E, C> {
  const { use = [] } = options;
  if (use.length === 0) return { kind: "handler", node, run: async (input, step) => handle(input, step) };
  // middy calls its handler as a Lambda's: (event, context).
  const wrapped = middy((input: I, context: unknown) => Promise.resolve(handle(input, context as Step<E, C>))).use([
    ...use,
  ]);
  const call = wrapped as unknown as (input: I, context: unknown) => Promise<O>;
  return { kind: "handler", node, run: (input, step) => call(input, step) };
}
