/**
 * What a redrive does over, worked out from the records of an execution that has ended: what failed, what was closed
 * because something else failed, and decisions that came to a failure; with `from`, that step and all that its decision
 * led to. What has succeeded stands.
 */
import type { Json } from "../model/json.ts";
import { frontier, type Records } from "./frontier.ts";
import {
  type DecisionRecord,
  decideKey,
  type EditRecord,
  type Effect,
  type ExecutionStatus,
  START_KEY,
  type StepRecord,
  stepKey,
} from "./record.ts";

export interface Redrive {
  /** The path of a step that has run. */
  readonly from?: string | undefined;
  /** For the step at `from`, in place of what its mapping gives. */
  readonly input?: Json | undefined;
  /** As what it ended. One that was cancelled may have nothing that failed, and still not be at its end. */
  readonly status: ExecutionStatus;
  readonly atMs: number;
}
export type Planned =
  | { readonly kind: "edit"; readonly edit: EditRecord }
  | { readonly kind: "refused"; readonly why: string };

export function planRedrive(records: Records, { from, input, status, atMs }: Redrive): Planned {
  const start = records.get(START_KEY) as DecisionRecord | undefined;
  if (!start?.values) return { kind: "refused", why: "it has no start" };
  const anew = new Set<string>();
  if (from !== undefined) {
    const record = records.get(stepKey(from));
    if (record?.kind !== "step") return { kind: "refused", why: `no step at '${from}' has begun` };
    follow(records, stepKey(from), anew);
  } else if (input !== undefined) return { kind: "refused", why: "an input is a step's: say from which" };
  const failed = [START_KEY, ...frontier(records).reached].filter((key) => isVoid(key, records));
  const all = [...new Set([...anew, ...failed])];
  if (all.length === 0 && status !== "cancelled")
    return { kind: "refused", why: "nothing of it has failed: say from which step" };
  const inputs = from !== undefined && input !== undefined && { inputs: { [from]: input } };
  return { kind: "edit", edit: { kind: "edit", void: all, anew: [...anew], ...inputs, atMs } };
}

function isVoid(key: string, records: Records): boolean {
  const record = records.get(key) as StepRecord | DecisionRecord | undefined;
  if (!record) return false;
  if (record.next?.some(({ kind }) => kind === "fail")) return true;
  if (record.kind === "step")
    return record.status !== "settled" || record.closed === true || record.error !== undefined;
  return key !== START_KEY && record.output === undefined;
}

/** The record and everything that follows from it. */
function follow(records: Records, from: string, found: Set<string>): void {
  const todo = [from];
  for (let key = todo.pop(); key !== undefined; key = todo.pop()) {
    if (found.has(key)) continue;
    found.add(key);
    const record = records.get(key) as StepRecord | DecisionRecord | undefined;
    for (const effect of record?.next ?? []) todo.push(...keysOf(effect));
  }
}

function keysOf(effect: Effect): readonly string[] {
  if (effect.kind === "step") return [stepKey(effect.path)];
  return effect.kind === "arrive" ? [`join/${effect.path}`, decideKey(effect.path)] : [];
}
