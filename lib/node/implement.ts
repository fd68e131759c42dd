import middy, { type MiddlewareObj } from "@middy/core";
import type { TransactAction } from "../contract/transact-action.ts";
import type { Node } from "../model/contracts.ts";
import type { Json } from "../model/json.ts";

/** What a handler knows of the attempt it makes. */
export interface Step<E extends string = string> {
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
  /**
   * Aborted when the attempt's time is over, it was silent for longer than its heartbeat, or nothing will come of it since
   * its execution is ending: hand it to whatever can be stopped. An execution's end is noticed at once where the engine
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
  /** A line in the log with execution, path and attempt. */
  log(message: string, data?: Json): void;
  /** Ends the step with a declared error. Final: not retried. */
  fail(code: E, data?: Json): never;
}

export type HandlerFunction<I, O, E extends string> = (input: I, step: Step<E>) => O | Promise<O>;

export interface HandlerOptions {
  /** middy middleware around the call: `event` is the input, `context` the step. */
  readonly use?: readonly MiddlewareObj[];
}

export interface Handler<I = unknown, O = unknown, E extends string = string> {
  readonly kind: "handler";
  readonly node: Node<string, I, O, E>;
  /** Calls the handler as the engine would, without checks and limits: for unit tests. */
  run(input: I, step: Step<E>): Promise<O>;
}

/** Binds a handler to its node's contract. */
export function implement<const N extends string, I, O, E extends string>(
  node: Node<N, I, O, E>,
  handle: NoInfer<HandlerFunction<I, O, E>>,
  options: HandlerOptions = {},
): Handler<I, O, E> {
  const { use = [] } = options;
  if (use.length === 0) return { kind: "handler", node, run: async (input, step) => handle(input, step) };
  // middy calls its handler as a Lambda's: (event, context).
  const wrapped = middy((input: I, context: unknown) => Promise.resolve(handle(input, context as Step<E>))).use([
    ...use,
  ]);
  const call = wrapped as unknown as (input: I, context: unknown) => Promise<O>;
  return { kind: "handler", node, run: (input, step) => call(input, step) };
}
