/** Expressions: texts of a graph that are evaluated by whoever the program names, and not by functions of the code at hand. */
import type { Json } from "./json.ts";
import type { Objects } from "./objects.ts";

export interface Expression {
  readonly kind: "expression";
  readonly language: "jsonata" | "jsonpath";
  readonly source: Json;
}

/** What an expression sees. */
export interface Seen {
  /** What came into the state. */
  readonly input: Json;
  /** What the state made, or, in a catch, the error. Absent before there is one. */
  readonly result?: Json;
  /** Those assigned on the way, the innermost of each name. */
  readonly variables: Readonly<Record<string, Json>>;
  /** Of the execution and the state: Amazon States Language, "Context object". */
  readonly context: Json;
}

/** Where an expression may read what no record holds yet. What it comes to is recorded, and not read again. */
export interface Outside {
  /** Absent: there are none here. */
  readonly objects?: Objects | undefined;
  /** The largest value that an execution carries, in bytes of JSON, whatever its language says: as much may be read. */
  readonly mostBytes: number;
}

/** @throws ExpressionError the state fails with its code */
export type Evaluate = (expression: Expression, seen: Seen, outside: Outside) => Promise<Json>;

/**
 * What a language of definitions has in a way of its own. Absent, a workflow's functions are its slots, and codes are those
 * of Pawl.
 */
export interface Dialect {
  readonly evaluate: Evaluate;
  /** What went wrong, as the language names it. Pure. */
  readonly nameError: (error: StepError) => StepError;
  /** Whether a catch or a retry with these codes is for an error that it has named. Pure. */
  readonly matches: (codes: readonly string[], error: StepError) => boolean;
  /** What the graph was made of. */
  readonly definition: Json;
  /** The largest value that an execution carries, in bytes of JSON, where it is less than the engine's own limit. */
  readonly payloadBytes?: number;
}

/** As the kernel has it. */
interface StepError {
  readonly code: string;
  readonly message: string;
  readonly path: string;
  readonly data?: Json;
}

export class ExpressionError extends Error {
  /** `States.Runtime`, `States.QueryEvaluationError`, … */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ExpressionError";
    this.code = code;
  }
}
