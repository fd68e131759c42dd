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
  /** Of a task with retry rules: how many attempts each rule has had, by its place. */
  readonly tries?: readonly number[];
}

/** What a state can see besides what its own record holds. */
export interface Bindings {
  /** The output before. */
  readonly prev: ValueRef;
  /** Values whose place the graph alone does not tell, by state path: a `set`, a choice. */
  readonly refs?: Readonly<Record<string, ValueRef>>;
  /** The items of the maps above, by the map's path. */
  readonly maps?: Readonly<Record<string, { readonly items: ValueRef; readonly of: number }>>;
  /** Of an undo step: its seat in the plan that it belongs to. */
  readonly undo?: { readonly scope: string; readonly stage: number; readonly member: number; readonly of: number };
}

/** Why a scope is ended before all that runs in it has ended. */
export type Leaving =
  /** A race's first branch to end. */
  | { readonly kind: "won"; readonly path: string; readonly branch: string; readonly output: ValueRef }
  /** A race's first branch to fail: the race itself fails. */
  | { readonly kind: "failed"; readonly path: string; readonly error: StepError }
  /** A failure inside the state at `path` that it catches: it goes on in that branch. */
  | { readonly kind: "caught"; readonly path: string; readonly branch: string; readonly error: ValueRef }
  /** A failed item of a map that tolerates it. */
  | { readonly kind: "tolerated"; readonly path: string; readonly member: number; readonly error: ValueRef };

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
      /** Carried out by the execution that this one was forked from. */
      readonly copied?: true;
    }
  | {
      /** Goes on at a time, or, with a signal, when one comes before. */
      readonly kind: "wait";
      readonly path: string;
      readonly dueAtMs: number;
      /** Counted from where a redrive does it over. Absent: the time is what it is. */
      readonly afterMs?: number;
      readonly signal?: string;
      readonly bind: Bindings;
    }
  | {
      /** Another workflow's execution. Detached: nothing waits for it. */
      readonly kind: "call";
      readonly path: string;
      readonly workflow: string;
      readonly input: ValueRef;
      /** Its execution's id, decided when nothing waits for it. */
      readonly detached?: string;
      readonly bind: Bindings;
      /** Nothing waits for it, and the execution that this one was forked from has called it. */
      readonly copied?: true;
    }
  /** A scope (a state's path, or an item's) is to be ended early: the first to say so is heard. */
  | {
      readonly kind: "leave";
      readonly scope: string;
      readonly how: Leaving;
      readonly bind: Bindings;
      /** Of a failure: the state that it came out of last. */
      readonly from?: string;
    }
  /** What is open in the scope is closed; a race's losers are undone; then it goes on. */
  | { readonly kind: "close"; readonly scope: string; readonly how: Leaving; readonly bind: Bindings }
  /** The whole execution may take so long. */
  | { readonly kind: "deadline"; readonly dueAtMs: number; readonly afterMs: number }
  | { readonly kind: "succeed"; readonly output: ValueRef }
  /** `from`: the state that it came out of last. Absent: the one that failed. */
  | { readonly kind: "fail"; readonly error: StepError; readonly from?: string }
  /** An undo came to nothing: a person is to see to it. */
  | { readonly kind: "stuck"; readonly error: StepError }
  /** Drained and undone: the execution ends as it was to. */
  | { readonly kind: "end" };
export type EffectOf<K extends Effect["kind"]> = Extract<Effect, { kind: K }>;

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
  /** It ran in the execution that this one was forked from, which alone undoes what it has done. */
  readonly copied?: true;
}

/** What follows a start or a join. */
export interface DecisionRecord extends Decision {
  readonly kind: "decision";
  readonly atMs: number;
  /** A join's output. */
  readonly output?: Json;
  /** Nothing follows, because the execution or a scope was ending. */
  readonly closed?: true;
  /** Of a start: what the header is made of. It stands before the header does, so that no header lacks its start. */
  readonly opens?: Omit<Header, "kind" | "workflow" | "id" | "status" | "epoch" | "turns">;
  /** Of a fork's start: where the copied log ends and its own begins. Stands as the edit of epoch 1. */
  readonly edit?: EditRecord;
}

export interface JoinRecord {
  readonly kind: "join";
  /** The set of arrived members with where their outputs lie. */
  readonly members: Readonly<Record<string, ValueRef>>;
}

/** A part of a list that is too long for one record: see `list.ts`. Never changed. */
export interface ListRecord {
  readonly kind: "list";
  readonly items: readonly Json[];
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
  /** The step that it was to be from. What is done anew gets what its mapping gives, whatever it was given before. */
  readonly from?: string;
  /** Inputs in place of what the steps' mappings give, by path. */
  readonly inputs?: Readonly<Record<string, Json>>;
  /** Of what was stuck: nothing more is undone, and it ends so. */
  readonly ends?: { readonly as: EndStatus; readonly error: StepError };
  readonly atMs: number;
}

/** The signals of one name, and who waits for them: see `mailbox.ts`. One for all generations of the log. */
export interface MailboxRecord {
  readonly kind: "mailbox";
  /** How often it was changed. */
  readonly version: number;
  /** Those whose place has not decided yet, and those that nobody waits for, oldest first. */
  readonly signals: readonly MailedSignal[];
  /** Places of decisions, in the order in which they came. */
  readonly waiting: readonly string[];
  /** What goes on with the signal, by place, as long as the place is not gone. */
  readonly binds: Readonly<Record<string, Bindings>>;
  /** Places that wait no longer. */
  readonly gone: readonly string[];
  /** Ids of signals that were used up. */
  readonly known: readonly string[];
}
export interface MailedSignal {
  readonly id: string;
  readonly data: Json;
  /** Where the decision lies that this signal is for. Absent: nobody waits for it yet. */
  readonly place?: string;
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
  /** Which execution each of those that started none was told to, oldest first. Absent: none was. */
  readonly told?: Readonly<Record<string, string>>;
}

/** `stuck`: an undo came to nothing, and a person is to see to it. */
export type ExecutionStatus = "running" | "paused" | "stopping" | "stuck" | EndStatus;
export type EndStatus = "succeeded" | "failed" | "cancelled";
export const STATUSES = [
  "running",
  "paused",
  "stopping",
  "stuck",
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
  /** While stopping: what was done stays done. */
  readonly keep?: true;
  /** While stuck: the undo that came to nothing. */
  readonly stuck?: StepError;
  /** Who waits for it. */
  readonly parent?: Parent;
  /** Seconds since 1970 (DynamoDB's TTL unit), fixed at the start: every record of the execution goes at once. */
  readonly expiresAt: number;
}
/** A state of kind `call`. */
export interface Parent {
  readonly workflow: string;
  readonly id: string;
  readonly path: string;
  readonly epoch: number;
  /** How many executions there are above. */
  readonly depth: number;
}
export type TriggerNote =
  | { readonly kind: "direct" }
  | { readonly kind: "call"; readonly execution: string; readonly path: string }
  | {
      readonly kind: "event";
      readonly id: string;
      readonly source: string;
      readonly type: string;
      /** Of the key that it runs for, while no other execution does. Absent: the trigger does not say so. */
      readonly key?: string | undefined;
    }
  /** `time`: when it was due, ISO 8601. */
  | { readonly kind: "schedule"; readonly time: string; readonly key?: string | undefined }
  /** From a step of another execution, as its log was in that epoch. */
  | { readonly kind: "fork"; readonly execution: string; readonly path: string; readonly epoch: number };

export type LogRecord =
  | Header
  | StepRecord
  | DecisionRecord
  | JoinRecord
  | ListRecord
  | ParkedRecord
  | EditRecord
  | MailboxRecord
  | KeyRecord;
/** What never changes once it lies there. */
export type RestRecord = StepRecord | DecisionRecord | ListRecord;

export const START_KEY = "decide/#start";
/** Where a key's record lies in the key's partition. */
export const KEY_KEY = "key";
export const stepKey = (path: string): string => `step/${path}`;
export const decideKey = (path: string): string => `decide/${path}`;
/** Which of those that would end a scope early was the first. */
export const wonKey = (scope: string): string => `decide/${scope}#won`;
/** What is undone once a scope is drained, in stages; the whole execution's scope is "". */
export const undoKey = (scope: string): string => `decide/${scope}#undo`;
export const undoStage = (scope: string, stage: number): string => `${scope}#undo~${stage}`;
export const parkedKey = (path: string): string => `parked/${path}`;
export const editKey = (epoch: number): string => `edit/${epoch}`;
export const mailboxKey = (signal: string): string => `mailbox/${signal}`;
/** That a callback was answered, and how: a decision without anything that follows. */
export const callbackKey = (id: string): string => `callback/${id}`;
