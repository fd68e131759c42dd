/** What the recorded decisions of a generation lead to, worked out from the log alone. */
import { type Effect, targetOf } from "./effect.ts";
import type { Generation } from "./generation.ts";
import { type Key, planKey, START } from "./keys.ts";
import type { StepLog } from "./log.ts";

export interface Reached {
  /** Each with what its record says comes next; undefined while it is open. */
  readonly records: ReadonlyMap<Key, readonly Effect[] | undefined>;
  /** What leads to the open ones. */
  readonly open: readonly Effect[];
}

export function reached(log: StepLog, view: Generation): Reached {
  const records = new Map<Key, readonly Effect[] | undefined>();
  const open: Effect[] = [];
  const todo: Effect[] = [];
  const visit = (key: Key): boolean => {
    const next = nextOf(log, view, key);
    records.set(key, next);
    if (next) todo.push(...next);
    return next !== undefined;
  };
  visit(START);
  const root = planKey("");
  if (nextOf(log, view, root)) visit(root);
  for (let effect = todo.pop(); effect; effect = todo.pop()) {
    const key = targetOf(effect);
    if (key !== undefined && !records.has(key) && !visit(key)) open.push(effect);
  }
  return { records, open };
}

function nextOf(log: StepLog, view: Generation, key: Key): readonly Effect[] | undefined {
  const physical = view.key(key);
  const step = log.steps.get(physical);
  if (step) return step.status === "settled" ? (step.next ?? []) : undefined;
  return log.decisions.get(physical)?.next;
}
