/** A state of an execution as people and programs read it. */
import type { ExecutionStatus, StepError } from "../kernel/record.ts";
import type { StateKind } from "../model/graph.ts";
import type { Json } from "../model/json.ts";

export type StepStatus = "waiting" | "paused" | "running" | "retrying" | "succeeded" | "failed" | "closed";

export interface StepView {
  readonly path: string;
  readonly kind: StateKind;
  readonly node: string | null;
  /** Of a choice or a match: the branch taken; of a race: the one that won; of a block with catches: `done`, or the code. */
  readonly branch: string | null;
  /** `closed`: it came to no end of its own, because the execution or a scope around it was ending. */
  readonly status: StepStatus;
  /** How often the handler was begun. */
  readonly attempt: number;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly output: Json;
  readonly error: StepError | null;
  /** Of a step that undoes another: that one's path. */
  readonly undoes?: string;
  /** Of a `wait` and a `waitFor`. */
  readonly wait?: WaitView;
  /** Of a `call`. */
  readonly called?: CalledView;
  /** Of a `loop`: how many rounds have begun. */
  readonly rounds?: number;
  /** Of a `map` whose items have begun to arrive. */
  readonly items?: ItemsView;
}

export interface WaitView {
  /** When its time is over. */
  readonly until: string;
  /** The name of the signal that it waits for; null: for the time alone. */
  readonly signal: string | null;
}

export interface CalledView {
  readonly execution: string;
  /** Null: it has not begun yet, or more are called than are looked at. */
  readonly status: ExecutionStatus | null;
  /** Nothing waits for its end. */
  readonly detached: boolean;
}

export interface ItemsView {
  readonly of: number;
  /** That have come to their end, the failed ones among them. */
  readonly done: number;
  /** That failed, and are tolerated. */
  readonly failed: number;
}
