/** Contracts: values with their names written out; no handler, no AWS. They may live in a package that both sides share. */
import type { z } from "zod";
import type { StepCode } from "../errors.ts";
import type { Duration } from "./duration.ts";
import type { Json } from "./json.ts";
import { asZod, type SchemaOf } from "./schema.ts";

type Schema = z.ZodType<Json>;

/** Of a schema that may be left out: without it the output is null. */
type OutputOf<Z> = Z extends undefined ? null : z.infer<Z>;

export interface RetryOptions<E extends string = string> {
  /** How often the handler may be tried in all, the first attempt included. Default 3. */
  readonly maxAttempts?: number;
  /** Before the second attempt. Default 1 second. */
  readonly firstDelay?: Duration;
  /** What a delay is multiplied by for the next one: from 1, each as long as the first, to 100. Default 2. */
  readonly rate?: number;
  /** No delay is longer, `rate` or not. Default 1 minute, at most a day. */
  readonly maxDelay?: Duration;
  /**
   * Default true: each delay is a random one up to what `firstDelay` and `rate` give, so that many steps that failed
   * together do not come back together. False: it is just that.
   */
  readonly jitter?: boolean;
  /**
   * The codes that are tried again, declared ones or the system's; any other is final. Default all that the node does not
   * declare. A crash is always looked at again, whatever stands here.
   */
  readonly on?: readonly (E | StepCode)[];
}

/** What can be said of a node, and again of a single visit of it. */
export interface AttemptOptions {
  /** How long one attempt may take. Default 30 seconds, at most 14 minutes (a Lambda ends at 15). */
  readonly timeout?: Duration;
  /**
   * An attempt that has not called `step.heartbeat()` for so long is taken for dead, and the next one begins: with a long
   * `timeout`, a crash is noticed sooner. Shorter than `timeout`. Default none: only `timeout` tells.
   */
  readonly heartbeat?: Duration;
}

export interface NodeOptions<E extends string = string> extends AttemptOptions {
  readonly errors?: readonly E[];
  readonly inline?: boolean;
  readonly repeatable?: boolean;
  readonly retry?: RetryOptions<E>;
}

/** A node's contract: what goes in, what comes out, how it may fail. One Lambda, one handler. */
export interface Node<
  N extends string = string,
  I = unknown,
  O = unknown,
  E extends string = string,
  C extends SignalContract = SignalContract,
> {
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
  /** Signals that its handler may hand out callbacks for. */
  readonly callbacks: readonly C[];
  readonly options: NodeOptions;
  /** The same node under another name, so that a scope can visit it twice. */
  as<const A extends string>(name: A): Node<A, I, O, E, C>;
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
 *   runs it in the function before it, which saves a queue hop. `callbacks` are the signals that the handler may hand out
 *   signed callbacks for, by `step.callback`: its function alone is given the key for that.
 */
export function node<
  const N extends string,
  I extends SchemaOf<Json>,
  O extends SchemaOf<Json> | undefined = undefined,
  const E extends string = never,
  C extends SignalContract = never,
>(
  name: N,
  contract: { input: I; output?: O; errors?: readonly E[]; callbacks?: readonly C[] } & Omit<
    NodeOptions<NoInfer<E>>,
    "errors"
  >,
): Node<N, z.infer<I>, OutputOf<O>, E, C> {
  const { input, output, errors = [], callbacks = [], ...options } = contract;
  const value = {
    kind: "node" as const,
    name,
    node: name as string,
    input,
    output: output && asZod(output),
    errors,
    callbacks,
    options,
    as: <const A extends string>(alias: A) => ({ ...value, name: alias }),
  };
  // "~i" and "~o" exist for the compiler only.
  return value as unknown as Node<N, z.infer<I>, OutputOf<O>, E, C>;
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
  by<G extends SignalContract = SignalContract>(
    key: (event: EventOf<T>) => string,
    options?: TriggerOptions<G & TakesData<G, T>>,
  ): TriggerOf<T>;
}

export interface TriggerOptions<G extends SignalContract = SignalContract> {
  /**
   * `ignore`: nothing comes of the event. `queue`: it waits until the one that runs has ended, and those before it, 1,000
   * at most; it is a dead letter beyond that. `replace`: the one that runs is cancelled, and the event starts once it has
   * ended; of those that wait for that, the newest alone. `{ signal }`: the one that runs gets the event's data as this
   * signal, once; one that ends without having waited for it has it in its mailbox, and nothing else comes of the event.
   * An execution that is redriven takes no key.
   */
  readonly whenRunning?: "ignore" | "queue" | "replace" | { readonly signal: G };
}
/** A signal whose data an event's data can be. */
type TakesData<G extends SignalContract, T> = [T] extends [G["~t"]] ? unknown : { readonly "~t": T };

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
export function event<const S extends string, const Y extends string, Z extends SchemaOf<Json>>(
  source: S,
  type: Y,
  contract: { version: number; data: Z },
): EventContract<S, Y, z.infer<Z>> {
  const value = {
    kind: "event" as const,
    source,
    type,
    version: contract.version,
    data: asZod(contract.data),
  };
  const self: unknown = {
    ...value,
    by: (key: unknown, options?: TriggerOptions) => ({ kind: "trigger", event: self, key, options }),
  };
  return self as EventContract<S, Y, z.infer<Z>>;
}

/** What an execution can wait for, and what it is told then. */
export interface SignalContract<N extends string = string, T = unknown> {
  readonly kind: "signal";
  /** The name that waiting for it has in a workflow. */
  readonly name: N;
  /** The name of the signal itself: who sends it uses this one. Differs from `name` after `.as`. */
  readonly signal: string;
  readonly "~t": T;
  readonly data: Schema;
  /** The same signal under another name, so that a scope can wait for it twice. */
  as<const A extends string>(name: A): SignalContract<A, T>;
}

/**
 * Declares a signal: what a person or another system tells an execution that waits for it.
 *
 * @example
 * const decision = signal("decision", { data: z.object({ approved: z.boolean() }) });
 *
 * @param name camelCase, at most 32 characters. A signal that comes before anything waits for it is kept.
 */
export function signal<const N extends string, Z extends SchemaOf<Json>>(
  name: N,
  contract: { data: Z },
): SignalContract<N, z.infer<Z>> {
  const value = {
    kind: "signal" as const,
    name,
    signal: name as string,
    data: asZod(contract.data),
    as: <const A extends string>(alias: A) => ({ ...value, name: alias }),
  };
  // "~t" exists for the compiler only.
  return value as unknown as SignalContract<N, z.infer<Z>>;
}

/** Another workflow as its callers see it: what goes in, what comes out, how it may fail. Its states are its own. */
export interface WorkflowContract<N extends string = string, I = unknown, O = unknown, E extends string = string> {
  readonly kind: "contract";
  readonly name: N;
  readonly "~i": I;
  readonly "~o": O;
  readonly input: Schema;
  /** Undefined: whoever calls it has no use for its output, and gets null. */
  readonly output: Schema | undefined;
  readonly errors: readonly E[];
}

/**
 * Declares a workflow that another one calls. Both sides may import this; neither imports the other's workflow.
 *
 * @example
 * export const billing = contract("billing", { input: Bill, output: Paid, errors: ["CardDeclined"] });
 * workflow("order", { input: Order }).call(billing, { input: (s) => s.input.bill });
 *
 * @param name the workflow's.
 * @param of `output` left out means null. `errors` are codes of its own that it may fail with and that a caller may
 *   catch by name; others are caught with `any`.
 */
export function contract<
  const N extends string,
  I extends SchemaOf<Json>,
  O extends SchemaOf<Json> | undefined = undefined,
  const E extends string = never,
>(name: N, of: { input: I; output?: O; errors?: readonly E[] }): WorkflowContract<N, z.infer<I>, OutputOf<O>, E> {
  const { input, output, errors = [] } = of;
  // "~i" and "~o" exist for the compiler only.
  return { kind: "contract", name, input, output, errors } as unknown as WorkflowContract<
    N,
    z.infer<I>,
    OutputOf<O>,
    E
  >;
}
