/**
 * The frontier: what an execution's log says is still open. Worked out from the recorded decisions alone, so it holds
 * whatever became of the messages.
 */
import {
  type DecisionRecord,
  decideKey,
  type Effect,
  type EffectOf,
  type LogRecord,
  START_KEY,
  type StepRecord,
  stepKey,
  undoKey,
  wonKey,
} from "./record.ts";

export type Records = ReadonlyMap<string, LogRecord>;

export interface Frontier {
  /** Steps that a decision leads to and that have not settled. */
  readonly steps: readonly EffectOf<"step">[];
  /** Joins, waits, awaited calls and endings of scopes that a decision leads to and that have no decision. */
  readonly undecided: readonly Undecided[];
  /** Everything that the recorded decisions lead to, ended or not, in the order of the decisions. */
  readonly reached: readonly string[];
  /** Every effect with a record of its own, by that record's key. */
  readonly effects: ReadonlyMap<string, Lasting>;
}
/** One arrival of each join. */
export type Undecided = EffectOf<"arrive" | "wait" | "call" | "leave" | "close">;
export type Lasting = EffectOf<"step"> | Undecided;

export function frontier(records: Records): Frontier {
  const steps: EffectOf<"step">[] = [];
  const undecided: Undecided[] = [];
  const effects = new Map<string, Lasting>();
  const reached: string[] = [];
  const todo: Effect[] = [];
  const follow = (key: string): void => {
    reached.push(key);
    const record = records.get(key) as StepRecord | DecisionRecord | undefined;
    todo.push(...[...(record?.next ?? [])].reverse());
  };
  // The start is no effect's: it is not among what is reached.
  const start = records.get(START_KEY) as DecisionRecord | undefined;
  if (records.has(undoKey(""))) follow(undoKey(""));
  todo.push(...[...(start?.next ?? [])].reverse());
  for (let effect = todo.pop(); effect; effect = todo.pop()) {
    const key = keyOf(effect);
    if (key === undefined || effects.has(key)) continue;
    const lasting = effect as Lasting; // it has a key
    effects.set(key, lasting);
    if (lasting.kind === "close" && records.has(undoKey(lasting.scope))) follow(undoKey(lasting.scope));
    if (atRest(records.get(key))) follow(key);
    else {
      reached.push(key);
      if (lasting.kind === "step") steps.push(lasting);
      else undecided.push(lasting);
    }
  }
  return { steps, undecided, reached, effects };
}

/** The record that says that the effect is done; undefined: nothing in the log does. */
export function keyOf(effect: Effect): string | undefined {
  switch (effect.kind) {
    case "step":
      return stepKey(effect.path);
    case "call":
      return effect.detached === undefined ? decideKey(effect.path) : undefined;
    case "arrive":
    case "wait":
      return decideKey(effect.path);
    case "leave":
      return wonKey(effect.scope);
    case "close":
      return decideKey(effect.scope);
    default:
      return undefined;
  }
}

const atRest = (record: LogRecord | undefined): boolean =>
  record?.kind === "decision" || (record?.kind === "step" && record.status === "settled");
