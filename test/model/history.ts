/** Everything that the decisions of a generation lead to, read with the eyes of who checks. */
import { type Effect, targetOf } from "./effect.ts";
import type { Generation } from "./generation.ts";
import { type Key, planKey, START } from "./keys.ts";
import type { Decision, StepRecord } from "./log.ts";
import type { Parts } from "./work.ts";

export interface Node {
  readonly key: Key;
  readonly record: StepRecord | Decision | undefined;
  /** The records whose decisions led here; of a join, by member. */
  readonly by: Map<number, Key>;
  of: number;
}

/** Everything that the decisions of a generation lead to. */
export function history(parts: Parts, view: Generation): Map<Key, Node> {
  const { log } = parts;
  const nodes = new Map<Key, Node>();
  const visit = (key: Key, record: StepRecord | Decision | undefined, by: [number, Key], of: number): void => {
    const known = nodes.get(key);
    const node: Node = known ?? { key, record, by: new Map(), of };
    node.by.set(...by);
    nodes.set(key, node);
    if (!known) for (const effect of record?.next ?? []) follow(effect);
  };
  const follow = (effect: Effect): void => {
    const key = targetOf(effect);
    if (key === undefined) return;
    const [member, of] = effect.kind === "arrive" ? [effect.member, effect.of] : [0, 1];
    const physical = view.key(key);
    const record = effect.kind === "step" ? log.steps.get(physical) : log.decisions.get(physical);
    visit(key, record, [member, effect.by], of);
  };
  visit(START, log.decisions.get(view.key(START)), [0, START], 1);
  const plan = log.decisions.get(view.key(planKey("")));
  if (plan) visit(planKey(""), plan, [0, planKey("")], 1);
  return nodes;
}

export const isStep = (record: StepRecord | Decision): record is StepRecord => "fence" in record;
export const isClosed = (record: StepRecord | Decision): boolean =>
  isStep(record) ? record.result === "closed" : record.closed;
