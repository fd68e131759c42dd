/**
 * The frontier: what an execution's log says is still open. Worked out from the recorded decisions alone, so it holds
 * whatever became of the messages.
 */
import {
  type DecisionRecord,
  decideKey,
  type Effect,
  type LogRecord,
  START_KEY,
  type StepRecord,
  stepKey,
} from "./record.ts";

export type Records = ReadonlyMap<string, LogRecord>;
export type StepEffect = Extract<Effect, { kind: "step" }>;
export type ArriveEffect = Extract<Effect, { kind: "arrive" }>;

export interface Frontier {
  /** Steps that a decision leads to and that have not settled. */
  readonly steps: readonly StepEffect[];
  /** Joins that a decision leads to and that have no decision. One arrival of each. */
  readonly joins: readonly ArriveEffect[];
  /** Everything that the recorded decisions lead to, ended or not, in the order of the decisions. */
  readonly reached: readonly string[];
}

export function frontier(records: Records): Frontier {
  const start = records.get(START_KEY) as DecisionRecord | undefined;
  const steps = new Map<string, StepEffect>();
  const joins = new Map<string, ArriveEffect>();
  const seen = new Set<string>();
  const todo: Effect[] = [...(start?.next ?? [])].reverse();
  for (let effect = todo.pop(); effect; effect = todo.pop()) {
    if (effect.kind !== "step" && effect.kind !== "arrive") continue;
    const key = effect.kind === "step" ? stepKey(effect.path) : decideKey(effect.path);
    if (seen.has(key)) continue;
    seen.add(key);
    const record = records.get(key) as StepRecord | DecisionRecord | undefined;
    const settled = record?.kind === "decision" || record?.status === "settled";
    if (settled) todo.push(...[...(record.next ?? [])].reverse());
    else if (effect.kind === "step") steps.set(key, effect);
    else joins.set(key, effect);
  }
  return { steps: [...steps.values()], joins: [...joins.values()], reached: [...seen] };
}
