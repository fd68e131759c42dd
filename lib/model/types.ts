/** The builder as the compiler sees it: `S` is everything so far by name, `L` the output before. */
import type { EventContract, Node, SignalContract, TriggerOf } from "./contracts.ts";
import type { Duration } from "./duration.ts";
import type { Program, Slot } from "./program.ts";

declare const ended: unique symbol;
/** A branch that has ended with `fail` or `succeed`: nothing can follow. */
export interface Ended {
  readonly [ended]: true;
}
export interface Leaf<O> {
  readonly "~out": O;
}
type AnyBranch = Leaf<unknown> | Ended;
type Out<B> = B extends Leaf<infer O> ? O : never;
/** What a choice or a match leaves behind: which branch, with its output. A branch that ended drops out. */
export type Taken<R> = {
  [K in keyof R]: R[K] extends Ended ? never : { readonly branch: K; readonly output: Out<R[K]> };
}[keyof R];
type Returns<B> = { [K in keyof B]: B[K] extends (...a: never[]) => infer R ? R : never };

type Put<S, K extends string, V> = S & { readonly [P in K]: V };
/** A name already taken, or reserved, is refused where it is written. */
type Fresh<S, A extends string> = A extends keyof S | "input" | "item" | "round" | "error"
  ? `the name '${A}' is taken: give this state another one`
  : A;
/** A branch that no value of the choice leads to is refused. */
type Exact<B, K extends PropertyKey> = { [P in Exclude<keyof B, K>]: `no value leads to the branch '${P & string}'` };

interface TaskInput<S, I> {
  /** What the node gets; without it, the output before. Pure and synchronous. */
  readonly input?: (s: S) => I;
}
type TaskArgs<S, L, I> = [L] extends [I]
  ? [options?: TaskInput<S, NoInfer<I>>]
  : [options_with_input_because_the_output_before_does_not_fit: Required<TaskInput<S, NoInfer<I>>>];

export interface Workflow<I = unknown, O = unknown> {
  readonly kind: "workflow";
  readonly name: string;
  readonly "~i": I;
  readonly "~out": O;
  /** Graph, slots and contracts. @throws PawlError `invalid_workflow` with every mistake at once. */
  readonly program: Program;
}

type InputOf<S> = S extends { readonly input: infer I } ? I : never;

export interface Builder<S, L> extends Workflow<InputOf<S>, L> {
  /** A visit of a node: one Lambda, one step in the log. Leaves the node's output under the node's name. */
  task<const N extends string, I, O, E extends string>(
    node: Node<N, I, O, E>,
    ...options: N extends keyof S ? [`'${N}' is taken here: use .as("other name")`] : TaskArgs<S, L, I>
  ): Builder<Put<S, N, O>, O>;
  /** States in a scope of their own: leaves the output of the last one. A long chain in blocks is quick to type-check. */
  block<const N extends string, R extends AnyBranch>(
    name: N & Fresh<S, N>,
    body: (b: Builder<S, L>) => R,
  ): Builder<Put<S, N, Out<R>>, Out<R>>;
  /** All branches at once; leaves their outputs by name. One that fails fails the execution. */
  parallel<const N extends string, B extends Record<string, (b: Builder<S, L>) => AnyBranch>>(
    name: N & Fresh<S, N>,
    branches: B,
  ): Builder<
    Put<S, N, { readonly [K in keyof B]: Out<ReturnType<B[K]>> }>,
    { readonly [K in keyof B]: Out<ReturnType<B[K]>> }
  >;
  /** The one branch that `pick` names; leaves `{ branch, output }`. */
  choice<const N extends string, const K extends string, B extends Record<K, (b: Builder<S, L>) => AnyBranch>>(
    name: N & Fresh<S, N>,
    pick: (s: S) => K,
    branches: B & Record<K, (b: Builder<S, L>) => AnyBranch> & Exact<B, K>,
  ): Builder<Put<S, N, Taken<Returns<B>>>, Taken<Returns<B>>>;
  /** The branch named by a property of a value, which goes on with that value, narrowed; leaves `{ branch, output }`. */
  match<
    const N extends string,
    const D extends string,
    U extends { readonly [P in D]: string },
    B extends { [K in U[D]]: (b: Builder<S, Extract<U, { readonly [P in D]: K }>>) => AnyBranch },
  >(
    name: N & Fresh<S, N>,
    by: D,
    of: (s: S) => U,
    branches: B & { [K in U[D]]: (b: Builder<S, Extract<U, { readonly [P in D]: K }>>) => AnyBranch } & Exact<B, U[D]>,
  ): Builder<Put<S, N, Taken<Returns<B>>>, Taken<Returns<B>>>;
  /** The same states for each item, at most `concurrency` at once (default 10); leaves the outputs in the items' order. */
  map<const N extends string, T, R extends AnyBranch>(
    name: N & Fresh<S, N>,
    options: {
      readonly over: (s: S) => readonly T[];
      readonly each: (b: Builder<Omit<S, "item"> & { readonly item: T }, T>) => R;
      readonly concurrency?: number;
    },
  ): Builder<Put<S, N, Out<R>[]>, Out<R>[]>;
  /** A value worked out from what is there; recorded once. */
  set<const N extends string, V>(name: N & Fresh<S, N>, value: (s: S) => V): Builder<Put<S, N, V>, V>;
  /** Sends an event, recorded with the step before it; the output before goes on. */
  emit<T>(event: EventContract<string, string, T>, data: (s: S) => NoInfer<T>): Builder<S, L>;
  /** Ends the execution as failed, with this code. */
  fail(code: string, message: (s: S) => string): Ended;
  /** Ends the execution as succeeded, with this output. Not inside a parallel or a map. */
  succeed(output: (s: S) => unknown): Ended;
  /** What the execution answers with; without it, the output of the last state. */
  output<O>(output: (s: S) => O): Workflow<InputOf<S>, O>;
}

/**
 * What executions in flight need that the workflow does not have any more. They keep the graph that they started with,
 * and run the newest code: `pawl check` tells what of it they would miss, and what to write here.
 *
 * @example
 * workflow("order", {
 *   input: Order,
 *   retired: {
 *     nodes: { weigh, charge: payCard },           // weigh is gone and keeps its file; payCard's serves charge's queue
 *     slots: { "charge.input": "payCard.input", "ship.input": (s) => ({ receipt: s.charge }) },
 *   },
 * })
 */
export interface RetiredOptions {
  /** By the name that it had: the contract whose handler serves it. Its function and queue stay as long as it is here. */
  readonly nodes?: Readonly<Record<string, Node>>;
  /**
   * By the name that it had: a function for all older graphs, which comes before the one of the same name in this
   * workflow, or the name of a slot of this workflow. What a name in `s` holds, the older graph says.
   */
  readonly slots?: Readonly<Record<string, Slot | string>>;
  readonly events?: readonly EventContract[];
  readonly signals?: readonly SignalContract[];
}

export interface WorkflowOptions<I> {
  /** For executions on older graphs. */
  readonly retired?: RetiredOptions;
  /** How long an execution may take in all, from a second to 366 days: then it fails with `timeout`. Default 30 days. */
  readonly timeout?: Duration;
  /** Starts an execution for each such event: `orderPlaced`, or `orderPlaced.by((e) => e.data.orderId)`. */
  readonly on?: TriggerOf<I> | EventContract<string, string, I>;
}
