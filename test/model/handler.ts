/** A handler's run, and the run that is not needed because an older generation's output stands. */
import { taskAt, undoneBy } from "./graph.ts";
import { stepKey } from "./keys.ts";
import { act, type Invocation, type Work } from "./work.ts";

export type Came = "output" | "error" | "final error";

export function* runHandler(inv: Invocation, path: string): Work<Came> {
  const task = taskAt(inv.graph, path);
  const { view, random } = inv;
  const keyEpoch = inv.breaks("samekey") ? 0 : view.idempotencyEpoch(path);
  const record = view.key(stepKey(path));
  const undone = undoneBy(path);
  const undoes = undone === undefined ? undefined : `${undone} ${view.idempotencyEpoch(undone)}`;
  const idempotencyKey = `${path} ${keyEpoch}`;
  yield* act(() => {
    const late = inv.log.steps.get(record)?.status === "settled";
    inv.runs.push({ epoch: view.epoch, path, record, idempotencyKey, undoes, late });
  });
  if (task.poison) yield { kind: "die" };
  yield* act(() => {}); // it takes its time
  if (task.flaky && random.chance(0.5)) return random.chance(0.15) ? "final error" : "error";
  return "output";
}

/** A voided step whose handler came to its end keeps what it gave, until an edit says that it is to run anew. */
export function* standingOutput(inv: Invocation, path: string): Work<boolean> {
  if (inv.view.epoch === 0 || inv.breaks("runagain")) return false;
  return yield* act(() => outputStands(inv, path));
}

export function outputStands(
  { view, log, breaks }: Pick<Invocation, "view" | "log" | "breaks">,
  path: string,
): boolean {
  let looked = 0;
  for (const { key, edit } of view.versions(stepKey(path))) {
    if (log.steps.get(key)?.result === "output") return true;
    if (edit?.anew.has(path) || (breaks("lookbackonce") && ++looked > 1)) return false;
  }
  return false;
}
