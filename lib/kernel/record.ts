/** What the step log holds of one execution. Records are plain data, replaced and never changed in place. */
import type { Json } from "../model/json.ts";

/** Where a value lies: see `ref.ts`. */
export type ValueRef = string;

/** Why a step, a state or an execution failed: a code of the user's own, or one of the system's. */
export interface StepError {
  readonly code: string;
  readonly message: string;
  /** The path of the state that failed. */
  readonly path: string;
  readonly data?: Json;
}

/** What a state can see besides what its own record holds. */
export interface Bindings {
  /** The output before. */
  readonly prev: ValueRef;
  /** Values whose place the graph alone does not tell, by state path: a `set`, a choice. */
  readonly refs?: Readonly<Record<string, ValueRef>>;
  /** The items of the maps above, by the map's path. */
  readonly maps?: Readonly<Record<string, { readonly items: ValueRef; readonly of: number }>>;
}

/** One thing that follows from a decision. Carrying it out twice does no harm. */
export type Effect =
  | { readonly kind: "step"; readonly path: string; readonly bind: Bindings }
  | {
      readonly kind: "arrive";
      /** The parallel or map that is joined. */
      readonly path: string;
      readonly member: number;
      readonly of: number;
      readonly output: ValueRef;
      readonly bind: Bindings;
    }
  | { readonly kind: "emit"; readonly path: string; readonly event: string; readonly data: ValueRef }
  | { readonly kind: "succeed"; readonly output: ValueRef }
  | { readonly kind: "fail"; readonly error: StepError };

/** What follows, worked out once and recorded in the same write as what it follows from. */
export interface Decision {
  readonly next: readonly Effect[];
  /** Values of the states that ran on the way: sets, map items, event data. By state path. */
  readonly values?: Readonly<Record<string, Json>>;
  /** The branches that choices and matches took on the way, by state path. */
  readonly taken?: Readonly<Record<string, string>>;
}

export interface StepRecord extends Partial<Decision> {
  readonly kind: "step";
  readonly node: string;
  readonly status: "idle" | "running" | "settled";
  /** Rises with each claim; a write of an older holder is refused. */
  readonly fence: number;
  readonly leaseUntilMs?: number;
  /** After a failure: not to be claimed before. */
  readonly notBeforeMs?: number;
  readonly failures: number;
  readonly crashes: number;
  readonly startedAtMs?: number;
  readonly endedAtMs?: number;
  readonly output?: Json;
  /** The last failure; when settled, the final one. */
  readonly error?: StepError;
  /** Settled without running to its end, because the execution was ending. */
  readonly closed?: boolean;
}

/** What follows a start or a join. */
export interface DecisionRecord extends Decision {
  readonly kind: "decision";
  readonly atMs: number;
  /** A join's output. */
  readonly output?: Json;
}

export interface JoinRecord {
  readonly kind: "join";
  /** The set of arrived members with where their outputs lie. */
  readonly members: Readonly<Record<string, ValueRef>>;
}

export type ExecutionStatus = "running" | "stopping" | "succeeded" | "failed";
export const ENDED: ReadonlySet<ExecutionStatus> = new Set<ExecutionStatus>(["succeeded", "failed"]);

export interface Header {
  readonly kind: "header";
  readonly workflow: string;
  readonly id: string;
  /** The hash of the graph that it started with and keeps. */
  readonly graph: string;
  readonly status: ExecutionStatus;
  readonly epoch: number;
  readonly trigger: TriggerNote;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly output?: ValueRef;
  readonly error?: StepError;
  /** Seconds since 1970 (DynamoDB's TTL unit), fixed at the start: every record of the execution goes at once. */
  readonly expiresAt: number;
}
export type TriggerNote =
  | { readonly kind: "direct" }
  | { readonly kind: "event"; readonly id: string; readonly source: string; readonly type: string };

export type LogRecord = Header | StepRecord | DecisionRecord | JoinRecord;

export const START_KEY = "decide/#start";
export const stepKey = (path: string): string => `step/${path}`;
export const decideKey = (path: string): string => `decide/${path}`;
