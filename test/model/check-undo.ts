/**
 * What an execution that did not succeed has done is undone, each step once, unless its user would not have it; and what
 * was undone leads to nothing that goes on.
 */

import { type Effect, sameHow, targetOf } from "./effect.ts";
import { taskAt, undoneBy } from "./graph.ts";
import type { Node } from "./history.ts";
import { type Key, wonKey } from "./keys.ts";
import type { Decision } from "./log.ts";
import { generationAt } from "./redrive.ts";
import { Violation } from "./violation.ts";
import type { Parts } from "./work.ts";

/** A generation has just ended. */
export function checkUndone(parts: Parts, epoch: number, nodes: ReadonlyMap<Key, Node>): void {
  const { log } = parts;
  const { status, undo = true } = log.headers.current ?? {};
  if (status === "succeeded") checkGoneOn(parts, epoch, nodes);
  else if (undo) checkAll(parts, epoch, nodes);
}

/** By the handlers' runs: any of them may have had its effect, under the key that it had. */
function checkAll({ log, graph, runs }: Parts, epoch: number, nodes: ReadonlyMap<Key, Node>): void {
  const view = generationAt(log, epoch);
  for (const key of nodes.keys()) {
    const path = key.slice("step/".length);
    if (!key.startsWith("step/") || undoneBy(path) !== undefined || taskAt(graph, path).undo === undefined) continue;
    const under = `${path} ${view.idempotencyEpoch(path)}`;
    if (!runs.some((run) => run.idempotencyKey === under) || log.steps.get(view.key(key))?.declared) continue;
    if (!log.effects.has(`undo ${under}`))
      throw new Violation(`${key} may have had its effect, and was not undone in epoch ${epoch}`);
  }
}

/** The way to the end goes through nothing that was undone. */
function checkGoneOn({ log, runs }: Parts, epoch: number, nodes: ReadonlyMap<Key, Node>): void {
  const view = generationAt(log, epoch);
  const undone = new Set(runs.map((run) => run.undoes));
  for (const key of nodes.keys()) {
    const path = key.slice("step/".length);
    if (!key.startsWith("step/") || !undone.has(`${path} ${view.idempotencyEpoch(path)}`)) continue;
    if (leadsToEnd(key, nodes)) throw new Violation(`epoch ${epoch} succeeded by ${key}, which was undone`);
  }
}

function leadsToEnd(from: Key, nodes: ReadonlyMap<Key, Node>): boolean {
  const found = new Set([from]);
  for (const key of found)
    for (const effect of nodes.get(key)?.record?.next ?? []) {
      if (effect.kind === "succeed") return true;
      const target = targetOf(effect);
      if (target !== undefined && wins(effect, nodes)) found.add(target);
    }
  return false;
}

/** Who came to the end of a scope too late led nowhere. */
function wins(effect: Effect, nodes: ReadonlyMap<Key, Node>): boolean {
  if (effect.kind !== "leave") return true;
  const won = nodes.get(wonKey(effect.scope))?.record as Decision | undefined; // a scope's end is a decision
  return won?.how === undefined || sameHow(won.how, effect.how);
}
