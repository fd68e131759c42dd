/** Contracts: values with their names written out; no handler, no AWS. They may live in a package that both sides share. */
import type { z } from "zod";
import type { Duration } from "./duration.ts";
import type { Json } from "./json.ts";

type Schema<T extends Json = Json> = z.ZodType<T>;

export interface RetryOptions {
  /** How often the handler may be tried in all, the first attempt included. Default 3. */
  readonly maxAttempts?: number;
  /** Before the second attempt; doubles with each further one, with full jitter. Default 1 second. */
  readonly firstDelay?: Duration;
  /** Default 1 minute. */
  readonly maxDelay?: Duration;
}

export interface NodeOptions {
  readonly errors?: readonly string[];
  readonly inline?: boolean;
  readonly repeatable?: boolean;
  /** How long one attempt may take. Default 30 seconds, at most 14 minutes (a Lambda ends at 15). */
  readonly timeout?: Duration;
  readonly retry?: RetryOptions;
}

/** A node's contract: what goes in, what comes out, how it may fail. One Lambda, one handler. */
export interface Node<N extends string = string, I = unknown, O = unknown, E extends string = string> {
  readonly kind: "node";
  /** The name that its step has in a workflow. */
  readonly name: N;
  /** The name of the node itself: its Lambda, queue and handler file. Differs from `name` after `.as`. */
  readonly node: string;
  readonly "~i": I;
  readonly "~o": O;
  readonly input: Schema;
  /** Undefined: the node answers null. */
  readonly output: Schema | undefined;
  readonly errors: readonly E[];
  readonly options: NodeOptions;
  /** The same node under another name, so that a scope can visit it twice. */
  as<const A extends string>(name: A): Node<A, I, O, E>;
}

/**
 * Declares a node.
 *
 * @example
 * const charge = node("charge", { input: Charge, output: Receipt, errors: ["CardDeclined"], timeout: "30 seconds" });
 *
 * @param name camelCase, at most 32 characters; it names the Lambda, the queue and the handler's file.
 * @param contract `output` left out means null. `errors` are the codes that the handler may end its step with on
 *   purpose: they are not retried. `repeatable` says that running it twice is harmless, which saves a write. `inline`
 *   runs it in the function before it, which saves a queue hop.
 */
export function node<
  const N extends string,
  I extends z.ZodType<Json>,
  O extends z.ZodType<Json> | undefined = undefined,
  const E extends string = never,
>(
  name: N,
  contract: { input: I; output?: O; errors?: readonly E[] } & Omit<NodeOptions, "errors">,
): Node<N, z.infer<I>, O extends z.ZodType ? z.infer<O> : null, E> {
  const { input, output, errors = [], ...options } = contract;
  const value = {
    kind: "node" as const,
    name,
    node: name as string,
    input,
    output: output as Schema | undefined,
    errors,
    options,
    as: <const A extends string>(alias: A) => ({ ...value, name: alias }),
  };
  // "~i" and "~o" exist for the compiler only.
  return value as unknown as Node<N, z.infer<I>, O extends z.ZodType ? z.infer<O> : null, E>;
}

/** An event as a trigger's `by` and a consumer see it. */
export interface EventOf<T = Json> {
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly version: number;
  readonly time: string;
  readonly data: T;
}

export interface EventContract<S extends string = string, Y extends string = string, T = unknown> {
  readonly kind: "event";
  readonly source: S;
  readonly type: Y;
  readonly version: number;
  readonly "~t": T;
  readonly data: Schema;
  /**
   * A trigger whose executions are named by a part of the event: a second event with the same key starts nothing, ever.
   *
   * With `whenRunning` a key has one execution at a time, named by key and event (`1042:` and 16 digits), and what this
   * says happens to an event that comes while one runs. Each event still starts at most one execution.
   *
   * @param key at most 128 letters, digits or `. _ : @ = + -`; 111 with `whenRunning`
   */
  by(key: (event: EventOf<T>) => string, options?: TriggerOptions): TriggerOf<T>;
}

export interface TriggerOptions {
  /**
   * `ignore`: nothing comes of the event. `queue`: it waits until the one that runs has ended, and those before it, 1,000
   * at most; it is a dead letter beyond that. `replace`: the one that runs is cancelled, and the event starts once it has
   * ended; of those that wait for that, the newest alone. An execution that is redriven takes no key.
   */
  readonly whenRunning?: "ignore" | "queue" | "replace";
}

export interface TriggerOf<T = unknown> {
  readonly kind: "trigger";
  readonly event: EventContract<string, string, T>;
  // A method, so that a trigger whose event carries more than the workflow's input asks for fits.
  key?(event: EventOf<T>): string;
  readonly options?: TriggerOptions;
}

/**
 * Declares an event: who sends it, what it is called, and what it carries.
 *
 * @example
 * const orderPlaced = event("shop.orders", "OrderPlaced", { version: 1, data: Order });
 */
export function event<const S extends string, const Y extends string, Z extends z.ZodType<Json>>(
  source: S,
  type: Y,
  contract: { version: number; data: Z },
): EventContract<S, Y, z.infer<Z>> {
  const value = { kind: "event" as const, source, type, version: contract.version, data: contract.data as Schema };
  const self: unknown = {
    ...value,
    by: (key: unknown, options?: TriggerOptions) => ({ kind: "trigger", event: self, key, options }),
  };
  return self as EventContract<S, Y, z.infer<Z>>;
}

export interface SignalContract<N extends string = string, T = unknown> {
  readonly kind: "signal";
  readonly name: N;
  readonly "~t": T;
  readonly data: Schema;
}

/** Declares a signal: what a person or another system tells an execution that waits for it. */
export function signal<const N extends string, Z extends z.ZodType<Json>>(
  name: N,
  contract: { data: Z },
): SignalContract<N, z.infer<Z>> {
  return { kind: "signal", name, data: contract.data } as unknown as SignalContract<N, z.infer<Z>>;
}
