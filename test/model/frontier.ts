/** What the recorded decisions of a generation lead to, worked out from the log alone. */
import type { Generation } from "./generation.ts";
import type { StepLog } from "./log.ts";
import { decideKey, type Effect, type Key, START, stepKey } from "./route.ts";

export interface Reached {
  /** Steps, joins and the start, each with what its record says comes next; undefined while it is open. */
  readonly records: ReadonlyMap<Key, readonly Effect[] | undefined>;
  /** Step paths among them that have not settled. */
  readonly openSteps: readonly string[];
  /** Scopes whose join has no decision. */
  readonly openJoins: readonly string[];
}

export function reached(log: StepLog, view: Generation): Reached {
  const records = new Map<Key, readonly Effect[] | undefined>();
  const openSteps: string[] = [];
  const openJoins: string[] = [];
  const start = log.decisions.get(view.key(START))?.next;
  records.set(START, start);
  const todo: Effect[] = [...(start ?? [])];
  for (let effect = todo.pop(); effect; effect = todo.pop()) {
    if (effect.kind !== "step" && effect.kind !== "arrive") continue;
    const isStep = effect.kind === "step";
    const key = isStep ? stepKey(effect.path) : decideKey(effect.path);
    if (records.has(key)) continue;
    const next = nextOf(log, view, key);
    records.set(key, next);
    if (next) todo.push(...next);
    else (isStep ? openSteps : openJoins).push(effect.path);
  }
  return { records, openSteps, openJoins };
}

function nextOf(log: StepLog, view: Generation, key: Key): readonly Effect[] | undefined {
  const physical = view.key(key);
  const step = log.steps.get(physical);
  if (step) return step.status === "settled" ? (step.next ?? []) : undefined;
  return log.decisions.get(physical)?.next;
}
