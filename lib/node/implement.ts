import middy, { type MiddlewareObj } from "@middy/core";
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
  /** Aborted when the attempt's time is over: hand it to whatever can be stopped. */
  readonly signal: AbortSignal;
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
