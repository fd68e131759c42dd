/** A plan of what is to be undone, carried out: begun, or gone on with wherever it stands. */
import { frontier } from "../kernel/frontier.ts";
import { type DecisionRecord, type Effect, type StepRecord, undoKey } from "../kernel/record.ts";
import { isUndone, planUndo } from "../kernel/undo.ts";
import { bothWhole, type Invocation, type Whole } from "./context.ts";

export interface ToUndo {
  /** "" is the whole execution. */
  readonly scope: string;
  readonly except?: string;
  /** What follows. */
  readonly follows: Effect;
}

/**
 * What is open in the scope must be closed, but for its undo.
 *
 * @returns undefined: nothing is to be undone, or all is
 */
export async function undo(inv: Invocation, of: ToUndo): Promise<Whole | undefined> {
  const { log, generation, program, context } = inv;
  const key = undoKey(of.scope);
  const all = await context.log.list(inv.execution);
  // Looked for in the very log that is planned from: there a plan that stands leaves nothing to be undone.
  if (all.has(generation.place(key))) return undoFurther(inv, of.scope);
  const plan = planUndo({ ...of, graph: program.graph, log: all, generation });
  if (plan.next[0] === of.follows) return undefined;
  const { record, mine } = await log.decide(inv.execution, key, {
    kind: "decision",
    ...plan,
    atMs: context.clock.now(),
  });
  inv.atRest.set(key, record);
  return inv.dispatch(inv, record.next, !mine);
}

/** Of a plan that stands, whatever ought to be under way is sent again; what has failed is told again. One that was closed has nothing. */
export async function undoFurther(inv: Invocation, scope: string): Promise<Whole | undefined> {
  const records = await inv.log.list(inv.execution, { values: false });
  if (isUndone(records, scope)) return undefined;
  const plan = records.get(undoKey(scope)) as DecisionRecord | undefined;
  const all = [await inv.dispatch(inv, plan?.next ?? [], true)];
  for (const [key, effect] of frontier(records).effects) {
    if (effect.bind.undo?.scope !== scope) continue;
    const record = records.get(key) as StepRecord | DecisionRecord | undefined;
    all.push(await inv.dispatch(inv, record?.next ?? [effect], true));
  }
  return bothWhole(all);
}
