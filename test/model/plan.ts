/** The undo plan of a scope, or of the execution: what may have had an effect, in stages, causes after what they led to. */
import { type Effect, type How, insideOf, isUndo, targetOf } from "./effect.ts";
import { reached } from "./frontier.ts";
import { taskAt, undoneBy, undoPath } from "./graph.ts";
import { decideKey, type Key, stagePath, stepKey } from "./keys.ts";
import type { Invocation } from "./work.ts";

export type Stages = readonly (readonly string[])[];

export function planOf(inv: Invocation, scope: string, how?: How): Stages {
  const { log, view, breaks } = inv;
  const { records } = reached(log, view);
  const inside = how ? insideOf(scope, how) : "";
  const winner = how?.by;
  const paths = [...records.keys()]
    .filter((key) => key.startsWith("step/"))
    .map((key) => key.slice("step/".length))
    .filter((path) => path.startsWith(inside) && undoneBy(path) === undefined && isUndoable(inv, path))
    .filter((path) => breaks("undotwice") || !log.steps.has(view.key(stepKey(undoPath(path)))))
    .filter((path) => breaks("undotwice") || !records.has(stepKey(undoPath(path))))
    .filter((path) => winner === undefined || !inBranchOf(path, scope, winner));
  const height = heights(records, new Set(paths.map(stepKey)), breaks("undoflat"));
  const stages: string[][] = [];
  for (const path of paths) {
    const at = height(stepKey(path));
    stages[at] = [...(stages[at] ?? []), path];
  }
  return Array.from(stages, (stage) => stage ?? []).filter((stage) => stage.length > 0);
}

/** The winner's branch is the one in which the record lies that won; a map's item may be empty, and then has none. */
function inBranchOf(path: string, scope: string, winner: Key): boolean {
  const at = winner.slice(winner.indexOf("/") + 1);
  if (!at.startsWith(`${scope}/`)) return false;
  const branch = at.slice(scope.length + 1).split("/")[0];
  return path.startsWith(`${scope}/${branch}/`);
}

/** Declares an undo, and was started under the key that it has now, whatever came of it. */
function isUndoable({ graph, view, log, breaks }: Invocation, path: string): boolean {
  if (taskAt(graph, path).undo === undefined) return false;
  let maybe = false;
  let newest = true;
  for (const { key, edit } of view.versions(stepKey(path))) {
    const record = log.steps.get(key);
    if (record?.result === "output") return true;
    if (newest && record?.declared) return false;
    if (record?.begun) maybe = true;
    if (edit?.anew.has(path) || breaks("undolooksonce")) break;
    newest = false;
  }
  return maybe && !breaks("undosure");
}

/** How many of those to be undone lie one behind the other on the longest way from a record. */
function heights(
  records: ReadonlyMap<Key, readonly Effect[] | undefined>,
  undone: ReadonlySet<Key>,
  flat: boolean,
): (key: Key) => number {
  const closes = [...records.values()].flatMap((next) => (next ?? []).filter((it) => it.kind === "close"));
  const known = new Map<Key, number>();
  const height = (key: Key): number => {
    const before = known.get(key);
    if (before !== undefined || flat) return before ?? 0;
    known.set(key, 0);
    const path = key.slice(key.indexOf("/") + 1);
    const after = (records.get(key) ?? []).filter((it) => !isUndo(it)).map(targetOf);
    for (const { scope, how } of closes) if (path.startsWith(insideOf(scope, how))) after.push(decideKey(scope));
    let most = 0;
    for (const next of after) if (next !== undefined) most = Math.max(most, height(next) + (undone.has(next) ? 1 : 0));
    known.set(key, most);
    return most;
  };
  return height;
}

/** The steps of a stage; after the last one, what follows the plan. */
export function stageEffects(
  stages: Stages,
  { scope, how, stage, by }: { scope: string; how?: How | undefined; stage: number; by: Key },
): readonly Effect[] {
  const paths = stages[stage];
  if (!paths) return [{ kind: "conclude", scope, how, by }];
  const at = { path: stagePath(scope, stage), of: paths.length };
  return paths.map((path, member) => ({ kind: "step", path: undoPath(path), by, arrives: { ...at, member } }));
}
