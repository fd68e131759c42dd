/**
 * The builder as the compiler sees it: `S` is everything so far by name, `L` the output before, `E` the codes that what was
 * built so far may fail with, besides the system's. Methods take the three from `this` and not from the interface, and no
 * conditional type has a builder or `S` before its `extends`: either way the compiler would walk through all of `S`, and a
 * chain would cost the square of its length (docs/decisions/0011-builder-types.md; `npm run check:types-cost`).
 */
import type { StepCode } from "../errors.ts";
import type { AttemptOptions, EventContract, Node, SignalContract, TriggerOf, WorkflowContract } from "./contracts.ts";
import type { Duration } from "./duration.ts";
import type { Tolerance } from "./graph.ts";
import type { Json } from "./json.ts";
import type { Program, Slot } from "./program.ts";
import type { ScheduleOf } from "./schedule.ts";

declare const ended: unique symbol;
/** A branch that has ended with `fail` or `succeed`: nothing can follow. */
export interface Ended<E extends string = string> {
  readonly [ended]: true;
  readonly "~errors": E;
}
/** A branch that goes on with an output. */
export interface Leaf<O, E extends string = string> {
  readonly "~out": O;
  readonly "~errors": E;
}
type AnyBranch = Leaf<unknown> | Ended;
type Out<B> = B["~out" & keyof B];
type ErrorsOf<B> = B["~errors" & keyof B] & string;
// A type of its own, so that it holds the output and not the whole branch, with all of its scope, that the output is of.
type Branch<K, O> = { readonly branch: K; readonly output: O };
/** What a choice, a match, a race or a block with `catch` leaves behind: which branch, with its output. One that ended drops out. */
export type Taken<R> = {
  [K in keyof R]: typeof ended extends keyof R[K] ? never : Branch<K, Out<R[K]>>;
}[keyof R];
/** Written so that `R` is inferred branch by branch, with no type for what each of them is a function of. */
type Branches<S, L, R> = { readonly [K in keyof R]: (b: Builder<S, L>) => R[K] };

type Put<S, K extends string, V> = S & { readonly [P in K]: V };
/** A name that is given again in each nested scope: the inner one hides the outer. */
type Within<S, K extends string, V> = Put<K extends keyof S ? Omit<S, K> : S, K, V>;
type Next<S, N extends string, V, E extends string> = Builder<S & { readonly [P in N]: V }, V, E>;
type Reserved = "input" | "item" | "round" | "error" | "output";
/** A name already taken, or reserved, is refused where it is written. */
type Fresh<S, A extends string> = A extends keyof S | Reserved
  ? `the name '${A}' is taken: give this state another one`
  : A;
/** The same of a contract whose name is taken. */
type Untaken<S, N extends string> = N extends keyof S ? `'${N}' is taken here: use .as("other name")` : unknown;
/** A branch that no value of the choice leads to is refused. */
type Exact<B, K extends PropertyKey> = { [P in Exclude<keyof B, K>]: `no value leads to the branch '${P & string}'` };

/** What takes a node's output and null, which stands for "it may have had its effect, and its output is not known". */
type UndoNode<O, V> = [O | null] extends [V]
  ? Node<string, V>
  : "an undo gets the step's output, or null when it may have had its effect and has none: let the node's input take null as well";
// `F` is settled, with what the node takes, before the function is looked at: what it gives is then held against that, and
// `"a"` is not any string. That `s` stands apart keeps the scope out of `F`, where it would be walked through.
interface TaskOptions<S, F, O, V, U> extends AttemptOptions {
  /** What the node gets; without it, the output before. Pure and synchronous. */
  readonly input?: F & ((s: S) => unknown);
  /**
   * The node that takes this step back when the execution fails, is cancelled, or loses a race. It gets the step's output,
   * or null where the step may have had its effect and has no output (a crash, a timeout); not after an error that the
   * step's node declares. In the long form `s.output` is that value. The handler finds the step in `step.undoes`.
   */
  readonly undo?:
    | UndoNode<O, V>
    | { readonly node: Node<string, V>; readonly input: U & ((s: Put<S, "output", O | null>) => unknown) };
}
/** Names that the output before would need to have. */
type Lacking<L, I> = I extends readonly unknown[]
  ? never
  : Exclude<{ [K in keyof I]-?: undefined extends I[K] ? never : K }[keyof I], keyof L>;
type Misfit<K> = [K] extends [never]
  ? "the output before does not fit: give this node an input"
  : `the output before has no '${K & string}': give this node an input`;
/** What is asked of a node that gets no input of its own. */
type Fitting<L, I> = [L] extends [I] ? unknown : Misfit<I extends object ? Lacking<L, I> : never>;
/** `{}` and not `unknown`: with it, a wrong `input` is reported at what is wrong in it. */
type InputUnlessFitting<L, I> = [L] extends [I] ? unknown : { readonly input: NonNullable<unknown> };

// These four are no interfaces: an interface is never taken for JSON, and steps may get them as input.
/** Why a state failed, as a `catch` sees it in `s.error`. */
export type CaughtError<C extends string = string> = {
  readonly code: C;
  readonly message: string;
  /** Of the state that failed: `payment/done/charge`. */
  readonly path: string;
  /** What the handler gave `step.fail`. */
  readonly data?: Json;
};
type Catchable<R> = ErrorsOf<R> | StepCode | "any";
type Catches<S, L, C> = {
  readonly [K in keyof C]: (
    b: Builder<Within<S, "error", CaughtError<K extends "any" ? string : K & string>>, L>,
  ) => C[K];
};
type Uncaught<C, R> = { [P in Exclude<keyof C, Catchable<R>>]: `nothing inside fails with '${P & string}'` };
type BlockOut<R, C> = [keyof C] extends [never] ? Out<R> : Taken<{ readonly done: R }> | Taken<C>;
type BlockErrors<R, C> = ("any" extends keyof C ? never : Exclude<ErrorsOf<R>, keyof C>) | ErrorsOf<C[keyof C]>;

/** What a map that tolerates failures leaves for an item. */
export type ItemResult<O> =
  | { readonly ok: true; readonly output: O }
  | { readonly ok: false; readonly error: CaughtError };
/** What a map leaves whose results are given by reference. */
export type MapSummary = {
  /** Items. */
  readonly count: number;
  /** Of them, those that failed. */
  readonly failed: number;
  /** Where the list of outputs lies. */
  readonly results: string;
};
type MapOut<R, T, F> = F extends "reference" ? MapSummary : T extends Tolerance ? ItemResult<Out<R>>[] : Out<R>[];

/** The round that a loop is in. */
export type Round<T> = {
  /** From 1. */
  readonly n: number;
  /** What the round before left; in the first one, what `from` gave. */
  readonly state: T;
};

interface CallOptions<S, A extends string, D> {
  /** The name of this state; default the workflow's. */
  readonly as?: Fresh<S, A>;
  /** Default false. True: goes on at once, whatever becomes of it, and leaves `{ execution }`. */
  readonly detached?: D;
}
/** What the workflow starts with; without it, the output before. Pure and synchronous. */
type CallInput<S, L, I> = [L] extends [I] ? { readonly input?: (s: S) => I } : { readonly input: (s: S) => I };
/** Where the workflow's own name is taken, `as` has to give another. */
type CallName<S, N> = N extends keyof S | Reserved ? { readonly as: string } : unknown;
/** What a detached call leaves. */
export type Detached = {
  /** The id of the execution that was started. */
  readonly execution: string;
};

interface Built {
  readonly kind: "workflow";
  readonly name: string;
  /** Graph, slots and contracts. @throws PawlError `invalid_workflow` with every mistake at once. */
  readonly program: Program;
}
export interface Workflow<I = unknown, O = unknown> extends Built {
  readonly "~i": I;
  readonly "~out": O;
}

type InputOf<S> = S extends { readonly input: infer I } ? I : never;

export interface Builder<out S, out L, out E extends string = never> extends Built {
  readonly "~i": InputOf<S>;
  readonly "~s": S;
  readonly "~out": L;
  readonly "~errors": E;
  /** A visit of a node: one Lambda, one step in the log. Leaves the node's output under the node's name. */
  task<S, L, E extends string, const N extends string, I, O, X extends string>(
    this: Builder<S, L, E>,
    node: Node<N, I, O, X> & Untaken<S, N> & Fitting<L, I>,
  ): Next<S, N, O, E | X>;
  task<
    S,
    L,
    E extends string,
    const N extends string,
    I,
    O,
    X extends string,
    F extends (s: never) => I,
    U extends (s: never) => V,
    V = never,
  >(
    this: Builder<S, L, E>,
    node: Node<N, I, O, X> & Untaken<S, N>,
    options: TaskOptions<S, F, O, V, U> & InputUnlessFitting<L, I>,
  ): Next<S, N, O, E | X>;
  /**
   * States in a scope of their own: leaves the output of the last one.
   *
   * With `catch`, an error inside goes on in the branch of its code: codes that nodes inside declare, that a `fail`
   * inside has or that the contract of a called workflow declares, the system's codes, or `any` for every one that has no
   * branch of its own. The branch begins as the block did, with `s.error`; the block then leaves `{ branch, output }`, where
   * `branch` is `"done"` or the code. What ran inside is stopped first.
   */
  block<
    S,
    L,
    E extends string,
    const N extends string,
    R extends AnyBranch,
    C extends { readonly [K in Catchable<R>]?: AnyBranch } = Record<never, never>,
  >(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    body: (b: Builder<S, L>) => R,
    options?: { readonly catch: Catches<S, L, C> & Uncaught<C, R> },
  ): Next<S, N, BlockOut<R, C>, E | BlockErrors<R, C>>;
  /** All branches at once; leaves their outputs by name. One that fails fails the whole. */
  parallel<S, L, E extends string, const N extends string, R extends Record<string, AnyBranch>>(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    branches: Branches<S, L, R>,
  ): Next<S, N, { readonly [K in keyof R]: Out<R[K]> }, E | ErrorsOf<R[keyof R]>>;
  /**
   * All branches at once, at least two; goes on with the one that is first at its end and leaves `{ branch, output }`. The
   * others are stopped and, where their steps declare it, undone before anything follows. One that fails before that
   * fails the race.
   */
  race<S, L, E extends string, const N extends string, R extends Record<string, AnyBranch>>(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    branches: Branches<S, L, R>,
  ): Next<S, N, Taken<R>, E | ErrorsOf<R[keyof R]>>;
  /** The one branch that `pick` names; leaves `{ branch, output }`. */
  choice<S, L, E extends string, const N extends string, const K extends string, R extends Record<K, AnyBranch>>(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    pick: (s: S) => K,
    branches: Branches<S, L, R> & Exact<R, K>,
  ): Next<S, N, Taken<R>, E | ErrorsOf<R[keyof R]>>;
  /** The branch named by a property of a value, which goes on with that value, narrowed; leaves `{ branch, output }`. */
  match<
    S,
    L,
    E extends string,
    const N extends string,
    const D extends string,
    U extends { readonly [P in D]: string },
    R extends Record<U[D], AnyBranch>,
  >(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    by: D,
    of: (s: S) => U,
    branches: { readonly [K in keyof R]: (b: Builder<S, Extract<U, { readonly [P in D]: K }>>) => R[K] } & Exact<
      R,
      U[D]
    >,
  ): Next<S, N, Taken<R>, E | ErrorsOf<R[keyof R]>>;
  /**
   * The same states for each item, which is `s.item` and the output before; leaves the outputs in the items' order. The
   * first item that fails fails the map, unless `tolerate` lets some fail.
   */
  map<
    S,
    L,
    E extends string,
    const N extends string,
    T,
    R extends AnyBranch,
    M extends Tolerance | undefined = undefined,
    const F extends "reference" | undefined = undefined,
  >(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    options: {
      readonly over: (s: S) => readonly T[];
      readonly each: (b: Builder<Within<S, "item", T>, T>) => R;
      /** At most so many items at once, 1 to 1000. Default 10. */
      readonly concurrency?: number;
      /**
       * So many items may fail, or such a share of them (0 to 1). Leaves `{ ok: true, output }` or `{ ok: false, error }` for
       * each. When more fail, the map fails with `too_many_failures`.
       */
      readonly tolerate?: M;
      /** Leaves `{ count, failed, results }` in place of the list, for lists that no later step takes as a whole. */
      readonly results?: F;
    },
  ): Next<S, N, MapOut<R, M, F>, E | (M extends Tolerance ? never : ErrorsOf<R>)>;
  /**
   * The same states again and again, at least once: each round begins with the state that the round before left
   * (`s.round.state`, and the output before) and leaves the next one. Leaves the last state. Fails with `loop_limit` when
   * `until` is not true of any of `max` rounds.
   */
  loop<S, L, E extends string, const N extends string, T, R extends Leaf<NoInfer<T>> | Ended>(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    options: {
      /** The state of the first round. */
      readonly from: (s: S) => T;
      readonly each: (b: Builder<Within<S, "round", Round<T>>, T>) => R;
      /** Whether to go on after the loop; asked after each round. Pure and synchronous. */
      readonly until: (state: NoInfer<T>) => boolean;
      /** 1 to 100,000. */
      readonly max: number;
    },
  ): Next<S, N, T, E | ErrorsOf<R>>;
  /**
   * Sleeps, from a second to 366 days, and costs nothing meanwhile: `for` a duration, or `until` a time in ISO 8601 with its
   * offset (one that is past: not at all; one after the execution's `timeout`: that comes first). The output before goes on.
   */
  wait<S, L, E extends string, const N extends string>(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    time: { readonly for: Duration } | { readonly until: (s: S) => string },
  ): Builder<S, L, E>;
  /**
   * Waits for a signal and leaves its data under the signal's name. One that came before is taken at once. Each signal goes
   * to one waiting state, the first that waits.
   */
  waitFor<S, L, E extends string, const N extends string, T>(
    this: Builder<S, L, E>,
    signal: SignalContract<N, T> & Untaken<S, N>,
    options?: {
      /** Then it fails with `timeout`, which a block can catch. From a second to 366 days; default 7 days. */
      readonly timeout?: Duration;
    },
  ): Next<S, N, T, E>;
  /**
   * Starts another workflow by its contract, waits for its end and leaves its output. It fails with the error that the
   * other one fails with; cancelling this execution cancels the other one.
   */
  call<
    S,
    L,
    E extends string,
    const N extends string,
    I,
    O,
    X extends string,
    const A extends string = N,
    const D extends boolean = false,
  >(
    this: Builder<S, L, E>,
    workflow: WorkflowContract<N, I, O, X>,
    options: CallOptions<S, A, D> & CallInput<S, L, NoInfer<I>> & CallName<S, N>,
  ): Next<S, A, D extends true ? Detached : O, D extends true ? E : E | X>;
  /** A value worked out from what is there; recorded once. */
  set<S, L, E extends string, const N extends string, V>(
    this: Builder<S, L, E>,
    name: Fresh<S, N>,
    value: (s: S) => V,
  ): Next<S, N, V, E>;
  /** Sends an event, recorded with the step before it; the output before goes on. */
  emit<S, L, E extends string, T, F extends (s: never) => T>(
    this: Builder<S, L, E>,
    event: EventContract<string, string, T>,
    data: F & ((s: S) => unknown),
  ): Builder<S, L, E>;
  /** Fails with this code: the block around it that catches the code goes on, else the execution has failed. */
  fail<S, L, E extends string, const C extends string>(
    this: Builder<S, L, E>,
    code: C,
    message: (s: S) => string,
  ): Ended<E | C>;
  /** Ends the execution as succeeded, with this output. Not inside a parallel, a map or a race. */
  succeed<S, L, E extends string>(this: Builder<S, L, E>, output: (s: S) => unknown): Ended<E>;
  /** What the execution answers with; without it, the output of the last state. */
  output<S, L, E extends string, O>(this: Builder<S, L, E>, output: (s: S) => O): Workflow<InputOf<S>, O>;
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
  /** Workflows that it called, and that stay deployed as long as executions call them. */
  readonly calls?: readonly WorkflowContract[];
}

export interface WorkflowOptions<I> {
  /** For executions on older graphs. */
  readonly retired?: RetiredOptions;
  /**
   * How long an execution may take in all, from a second to 366 days: then it fails with `timeout`, on time. Without it, one
   * that has lived for 30 days begins no step and wakes from no wait any more, and fails so.
   */
  readonly timeout?: Duration;
  /** Starts an execution for each such event: `orderPlaced`, or `orderPlaced.by((e) => e.data.orderId)`; or at times. */
  readonly on?: TriggerOf<I> | EventContract<string, string, I> | ScheduleOf<I>;
}
