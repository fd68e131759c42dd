/** What a process does, as a generator that stops before each thing the world can see: there it may crash or sleep. */

import type { Effect, EffectOf } from "./effect.ts";
import type { Generation, PhysicalKey } from "./generation.ts";
import type { Sequence } from "./graph.ts";
import type { Header } from "./headers.ts";
import type { Key } from "./keys.ts";
import type { Holder, StepLog } from "./log.ts";
import type { Mutant } from "./mutants.ts";
import type { Body, Message, Queue, StepMessage } from "./queue.ts";
import type { Random } from "./random.ts";
import type { Routing } from "./route.ts";

export interface Out {
  readonly body: Body;
  /** Another execution than the one at work. */
  readonly to?: string;
  readonly delay: number;
}
export type Action =
  /** One atomic operation; `run` gives its answer. */
  | { readonly kind: "act"; readonly run: () => unknown }
  /** Goes out with what other messages of the batch have to send. */
  | { readonly kind: "send"; readonly out: readonly Out[] }
  /** The process takes itself down. */
  | { readonly kind: "die" };
export type Work<T> = Generator<Action, T, unknown>;

/** Whether all that rides on a message is settled and dispatched. */
export type Whole = boolean;

export function* act<T>(run: () => T): Work<T> {
  return (yield { kind: "act", run }) as T; // the world hands back what `run` returned
}
export function* send(out: readonly Out[]): Work<void> {
  if (out.length > 0) yield { kind: "send", out };
}

/** A step to be attempted. */
export type Visit = Pick<StepMessage, "path" | "by" | "arrives">;

/** One attempt of a handler. */
export interface HandlerRun {
  readonly epoch: number;
  readonly path: string;
  readonly record: string;
  readonly idempotencyKey: string;
  /** Its step was at rest by then: it slept beyond its lease. */
  readonly late: boolean;
  /** Of an undo step: the key of what it undoes. */
  readonly undoes?: string | undefined;
}

/** Who called it. */
export interface Parent {
  readonly name: string;
  readonly path: string;
  /** Where the call's decision lies. */
  readonly place: PhysicalKey;
}

export interface Executions {
  at(name: string): Parts;
  /** A place for it: nothing has been written yet. */
  ensure(name: string, graph: Sequence, parent?: Parent): Parts;
  all(): readonly Parts[];
}

/** What all processes that work on an execution share. */
export interface Parts {
  readonly name: string;
  /** Absent also for one that was called detached. */
  readonly parent?: Parent | undefined;
  /** All of them, by name. */
  readonly executions: Executions;
  /** How many ticks an eventual reader may be behind. */
  readonly staleness: number;
  readonly graph: Sequence;
  readonly random: Random;
  readonly log: StepLog;
  readonly queue: Queue;
  readonly now: () => number;
  readonly runs: HandlerRun[];
  readonly breaks: (mutant: Mutant) => boolean;
}

/** One message at work. */
export interface Invocation extends Parts {
  readonly id: number;
  readonly message: Message;
  /** What this process takes the time for. */
  readonly clock: () => number;
  /** It came to nothing so often that it is handed on as a dead letter. */
  readonly dead: boolean;
  /** Runs a step, and what rides on it, under this message. */
  readonly step: (inv: Invocation, visit: Visit) => Work<Whole>;
  /** Carries out what follows. */
  readonly dispatch: (inv: Invocation, next: readonly Effect[], again: boolean) => Work<Whole>;
  /** Closes a scope and goes on behind it. */
  readonly close: (inv: Invocation, effect: EffectOf<"close">) => Work<Whole>;
  readonly view: Generation;
  /** Its deadline is near: what would run inline is sent. */
  readonly hurry: boolean;
  /** Records that it has walked through: each once. */
  readonly seen: Set<Key>;
  /** The header as its first step saw it. */
  header?: Header;
}

/** What a message's work begins with, before its generation is known. */
export type Delivery = Omit<Invocation, "view" | "seen">;

export const holderOf = (inv: Pick<Invocation, "id" | "clock">, repeatable: boolean): Holder => ({
  id: inv.id,
  clock: inv.clock(),
  repeatable,
});

export const routing = ({ graph, random, breaks, clock }: Invocation, by: Key): Routing => ({
  ...{ graph, random, breaks, by },
  now: clock(),
});
