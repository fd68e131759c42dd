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
  | {
      readonly kind: "emit";
      readonly path: string;
      readonly event: string;
      readonly data: ValueRef;
      /** In which epoch it was decided, for the event's id. Absent: 0. */
      readonly epoch?: number;
    }
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
  /** Parts of the handler that are done, by the names it gave them. */
  readonly memo?: Readonly<Record<string, Json>>;
}

/** What follows a start or a join. */
export interface DecisionRecord extends Decision {
  readonly kind: "decision";
  readonly atMs: number;
  /** A join's output. */
  readonly output?: Json;
  /** Of a start: what the header is made of. It stands before the header does, so that no header lacks its start. */
  readonly opens?: Omit<Header, "kind" | "workflow" | "id" | "status" | "epoch" | "turns">;
}

export interface JoinRecord {
  readonly kind: "join";
  /** The set of arrived members with where their outputs lie. */
  readonly members: Readonly<Record<string, ValueRef>>;
}

/** A step's message, held back while its execution is paused. */
export interface ParkedRecord {
  readonly kind: "parked";
  /** Tells this copy from one that is parked at the same place later. */
  readonly id: string;
  readonly epoch: number;
  readonly path: string;
  readonly bind: Bindings;
  readonly attempt: number;
}

/** What a redrive does over: the difference between a generation of the log and the one before. Never changed. */
export interface EditRecord {
  readonly kind: "edit";
  /** Keys of records that do not hold any more; a join stands for all its sets. */
  readonly void: readonly string[];
  /** Those among them whose effects are to happen once more, under idempotency keys and event ids of their own. */
  readonly anew: readonly string[];
  /** Inputs in place of what the steps' mappings give, by path. */
  readonly inputs?: Readonly<Record<string, Json>>;
  readonly atMs: number;
}

/** Which execution runs for a key, by marks: see `occupancy.ts`. Lies in a partition of the key's own. */
export interface KeyRecord {
  readonly kind: "key";
  /** How often it was changed. */
  readonly version: number;
  readonly running?: string;
  /** Oldest first. */
  readonly waiting: readonly string[];
  /** Whatever was taken, oldest first. */
  readonly known: readonly string[];
}

export type ExecutionStatus = "running" | "paused" | "stopping" | EndStatus;
export type EndStatus = "succeeded" | "failed" | "cancelled";
export const STATUSES = [
  "running",
  "paused",
  "stopping",
  "succeeded",
  "failed",
  "cancelled",
] as const satisfies readonly ExecutionStatus[];
export const ENDED = ["succeeded", "failed", "cancelled"] as const satisfies readonly EndStatus[];
export const hasEnded = (header: Pick<Header, "status">): boolean =>
  (ENDED as readonly ExecutionStatus[]).includes(header.status);

export interface Header {
  readonly kind: "header";
  readonly workflow: string;
  readonly id: string;
  /** The hash of the graph that it started with and keeps. */
  readonly graph: string;
  readonly status: ExecutionStatus;
  /** The generation of the log that holds: how often the execution was redriven. */
  readonly epoch: number;
  /** How often it was paused or resumed, so that a request that comes twice is carried out once. Absent: 0. */
  readonly turns?: number;
  readonly trigger: TriggerNote;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly output?: ValueRef;
  readonly error?: StepError;
  /** While stopping: as what it ends. */
  readonly ending?: EndStatus;
  /** Seconds since 1970 (DynamoDB's TTL unit), fixed at the start: every record of the execution goes at once. */
  readonly expiresAt: number;
}
export type TriggerNote =
  | { readonly kind: "direct" }
  | {
      readonly kind: "event";
      readonly id: string;
      readonly source: string;
      readonly type: string;
      /** Of the key that it runs for, while no other execution does. Absent: the trigger does not say so. */
      readonly key?: string | undefined;
    }
  /** `time`: when it was due, ISO 8601. */
  | { readonly kind: "schedule"; readonly time: string; readonly key?: string | undefined };

export type LogRecord = Header | StepRecord | DecisionRecord | JoinRecord | ParkedRecord | EditRecord | KeyRecord;

export const START_KEY = "decide/#start";
/** Where a key's record lies in the key's partition. */
export const KEY_KEY = "key";
export const stepKey = (path: string): string => `step/${path}`;
export const decideKey = (path: string): string => `decide/${path}`;
export const parkedKey = (path: string): string => `parked/${path}`;
export const editKey = (epoch: number): string => `edit/${epoch}`;
