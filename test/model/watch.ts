/** What must hold at the moment of a write, which no reader of the log could see later. */
import { type Effect, insideOf, placeOfEffect } from "./effect.ts";
import { reached } from "./frontier.ts";
import type { Generation } from "./generation.ts";
import { undoneBy, undoPath } from "./graph.ts";
import { decideKey, type Key, planKey, stepKey } from "./keys.ts";
import { type Decision, MOST_SKEW, type StepLog } from "./log.ts";
import { generationAt } from "./redrive.ts";
import { Violation } from "./violation.ts";
import type { Parts } from "./work.ts";

export function watch({ log, now }: Parts): StepLog["watch"] {
  const view = () => generationAt(log, log.headers.current?.epoch ?? 0);
  return {
    decided(key, decision) {
      if (decision.due !== undefined && now() < decision.due - MOST_SKEW) throw new Violation(`${key} came too early`);
      const logical = key.replace(/@\d+$/, "");
      if (decision.closed || (!decision.how && !decision.stages) || logical.endsWith("#won")) return;
      const generation = view();
      if (generation.key(logical) === key) atRest(log, generation, logical, decision);
    },
    claimed(key) {
      const logical = key.replace(/@\d+$/, "");
      const undone = undoneBy(logical.slice("step/".length));
      const generation = view();
      if (undone !== undefined && generation.key(logical) === key) inOrder(log, generation, undone);
    },
  };
}

/** A scope is left, or a plan made, only once all that is inside has come to its end. */
function atRest(log: StepLog, view: Generation, key: Key, { how }: Decision): void {
  const scope = key.slice("decide/".length).replace("#undo", "");
  const inside = how ? insideOf(scope, how) : "";
  const planned = key.endsWith("#undo");
  const open = reached(log, view).open.find((it) => {
    const at = placeOfEffect(it);
    const own = how?.kind === "won" && !planned && at.startsWith(`${scope}#undo`); // the plan's last stage
    return (at.startsWith(inside) || own) && !(it.kind === "close" && it.scope === scope);
  });
  if (open) throw new Violation(`${key} was decided with ${open.kind} ${placeOfEffect(open)} open`);
  if (how?.kind === "won" && !planned && !log.decisions.has(view.key(planKey(scope))))
    throw new Violation(`${key} was decided before its losers were undone`);
}

/** What a step led to is undone before it is. */
function inOrder(log: StepLog, view: Generation, path: string): void {
  const { records } = reached(log, view);
  const found = new Set<Key>([stepKey(path)]);
  for (const key of found) {
    const about = undoPath(key);
    const undo = log.steps.get(view.key(about));
    if (key !== stepKey(path) && records.has(about) && undo?.result !== "output")
      throw new Violation(`${path} is undone before ${key}, which followed it`);
    for (const next of records.get(key) ?? []) for (const target of leadsTo(next)) found.add(target);
  }
}

function leadsTo(effect: Effect): readonly Key[] {
  switch (effect.kind) {
    case "step":
      return undoneBy(effect.path) === undefined ? [stepKey(effect.path)] : [];
    case "arrive":
    case "wait":
    case "call":
      return [decideKey(effect.path)];
    case "leave":
      return [decideKey(`${effect.scope}#won`)];
    case "close":
      return [decideKey(effect.scope)];
    default:
      return [];
  }
}
