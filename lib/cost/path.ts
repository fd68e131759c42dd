/** What the states of a path have in common: how far it has come, and what is counted on the way. */
import type { Data, Graph, Scope, State } from "../model/graph.ts";
import type { Assumptions } from "./assumptions.ts";
import type { Counts } from "./counts.ts";
import type { Course, Shape } from "./shape.ts";
import type { Stored } from "./sizes.ts";

export interface Value {
  /** Of its own JSON. */
  readonly bytes: number;
  /** The record that it lies in. */
  readonly lies: Stored;
}

/** A function under way on one message. */
export interface Invocation {
  /** Names of values that it has at hand. */
  readonly known: Set<string>;
  /** Whether it has looked at the header. */
  glanced: boolean;
}

/** The record that the decision at hand will stand in: what passes before the next step makes it larger. */
export interface Deciding {
  readonly row: string;
  readonly times: number;
  bodyBytes: number;
}

/** How far the path has come. */
export interface At {
  readonly inv: Invocation;
  readonly record: Deciding;
  /** The name of the value before. */
  readonly prev: string;
  readonly course: Course;
  /** How much of a request each of several messages is that are sent at once. */
  readonly sendShare: number;
}

export type Came =
  | { readonly kind: "on"; readonly at: At }
  /** A `succeed`: the innermost branch, or the execution, is at its end. */
  | { readonly kind: "finished"; readonly at: At }
  | { readonly kind: "failed" };

export const on = (at: At): Came => ({ kind: "on", at });

export interface Within {
  readonly scope: Scope;
  readonly above: string;
  readonly seen: Set<string>;
}
export interface Here extends Within {
  readonly name: string;
  readonly path: string;
  readonly state: State;
}

/** Counts what a path has AWS do. */
export interface Walker {
  readonly graph: Graph;
  readonly assumed: Assumptions;
  /** How often what is walked happens in an execution. */
  times: number;
  add(row: string, counts: Partial<Counts>): void;
  shape(of: Partial<Shape>): void;
  /** A message to a function: sent, received, deleted. */
  message(row: string, carriedBytes: number, sends?: number): void;
  /** A record in which a decision will stand; it is written once it is known what follows. */
  decide(row: string, bodyBytes: number): Deciding;
  /** Consistent reads of small records, or of none. */
  look(row: string, reads: number): void;
  /** Of a value that is no single payload. */
  value(name: string, of: Value): void;
  evaluate(row: string, data: Data | undefined, at: Pick<At, "inv" | "prev">): void;
  /** A value that a state makes stands in the record at hand. */
  keep(at: At, data: Data, name?: string): void;
  scope(scope: Scope, above: string, at: At): Came;
}
