/** What the builder has been told so far, functions and all, before it is checked and compiled into a graph. */
import type { z } from "zod";
import type { EventContract, Node, TriggerOf } from "./contracts.ts";
import type { Json } from "./json.ts";
import type { Slot } from "./program.ts";
import type { ScheduleOf } from "./schedule.ts";

export interface Heading {
  readonly name: string;
  readonly input: z.ZodType<Json>;
  readonly trigger: TriggerOf | undefined;
  readonly schedule?: ScheduleOf | undefined;
}

export interface Draft {
  readonly states: readonly (readonly [name: string, state: DraftState])[];
  /** Something was called on a branch that had ended, or a branch function gave back no builder. */
  readonly misuse?: string;
}

export type DraftState =
  | { readonly kind: "task"; readonly node: Node; readonly input?: Slot }
  | { readonly kind: "set"; readonly value: Slot }
  | { readonly kind: "choice"; readonly pick: Slot; readonly branches: Drafts }
  | { readonly kind: "match"; readonly by: string; readonly of: Slot; readonly branches: Drafts }
  | { readonly kind: "parallel"; readonly branches: Drafts }
  | { readonly kind: "map"; readonly over: Slot; readonly each: Draft; readonly concurrency: number }
  | { readonly kind: "block"; readonly body: Draft }
  | { readonly kind: "emit"; readonly event: EventContract; readonly data: Slot }
  | { readonly kind: "fail"; readonly code: string; readonly message: Slot }
  | { readonly kind: "succeed"; readonly output: Slot };
export type Drafts = Readonly<Record<string, Draft>>;
