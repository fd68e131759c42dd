/** What the builder has been told so far, functions and all, before it is checked and compiled into a graph. */
import type { z } from "zod";
import type { AttemptOptions, EventContract, Node, SignalContract, TriggerOf, WorkflowContract } from "./contracts.ts";
import type { Tolerance } from "./graph.ts";
import type { Json } from "./json.ts";
import type { Slot } from "./program.ts";
import type { ScheduleOf } from "./schedule.ts";
import type { RetiredOptions } from "./types.ts";

export interface Heading {
  readonly name: string;
  readonly input: z.ZodType<Json>;
  readonly trigger: TriggerOf | undefined;
  readonly timeout?: string;
  readonly schedule?: ScheduleOf | undefined;
  readonly retired?: RetiredOptions;
}

export interface Draft {
  readonly states: readonly (readonly [name: string, state: DraftState])[];
  /** Something was called on a branch that had ended, or a branch function gave back no builder. */
  readonly misuse?: string;
}

export type DraftState =
  | TaskDraft
  | { readonly kind: "set"; readonly value: Slot }
  | { readonly kind: "choice"; readonly pick: Slot; readonly branches: Drafts }
  | { readonly kind: "match"; readonly by: string; readonly of: Slot; readonly branches: Drafts }
  | { readonly kind: "parallel"; readonly branches: Drafts }
  | { readonly kind: "race"; readonly branches: Drafts }
  | MapDraft
  | LoopDraft
  | { readonly kind: "block"; readonly body: Draft; readonly catch?: Drafts }
  | { readonly kind: "wait"; readonly for?: string; readonly until?: Slot }
  | { readonly kind: "waitFor"; readonly signal: SignalContract; readonly timeout?: string }
  | CallDraft
  | { readonly kind: "emit"; readonly event: EventContract; readonly data: Slot }
  | { readonly kind: "fail"; readonly code: string; readonly message: Slot }
  | { readonly kind: "succeed"; readonly output: Slot };
export type Drafts = Readonly<Record<string, Draft>>;

export interface TaskDraft extends AttemptOptions {
  readonly kind: "task";
  readonly node: Node;
  readonly input?: Slot;
  readonly undo?: Node | { readonly node: Node; readonly input: Slot };
}
export interface MapDraft {
  readonly kind: "map";
  readonly over: Slot;
  readonly each: Draft;
  readonly concurrency: number;
  readonly tolerate?: Tolerance;
  readonly results?: "reference";
}
export interface LoopDraft {
  readonly kind: "loop";
  readonly from: Slot;
  readonly each: Draft;
  readonly until: Slot;
  readonly max: number;
}
export interface CallDraft {
  readonly kind: "call";
  readonly contract: WorkflowContract;
  readonly input?: Slot;
  readonly detached: boolean;
}
