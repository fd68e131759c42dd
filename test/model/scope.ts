/** A scope that ends early: who ended it, a drain of what is inside, for a race the losers' undo, and what follows. */

import { put } from "./decide.ts";
import { drainInside } from "./drain.ts";
import type { EffectOf, How } from "./effect.ts";
import { insideOf } from "./effect.ts";
import { invocationAt } from "./invocation.ts";
import { decideKey, planKey, wonKey } from "./keys.ts";
import type { Decision } from "./log.ts";
import { planOf, stageEffects } from "./plan.ts";
import type { ControlMessage } from "./queue.ts";
import { routeLeft } from "./route.ts";
import { act, type Delivery, type Invocation, routing, send, type Whole, type Work } from "./work.ts";

/** The first one ends it, whatever the others say. */
export function* leaveScope(inv: Invocation, { scope, how, by }: EffectOf<"leave">): Work<Whole> {
  const { breaks, view } = inv;
  const key = wonKey(scope);
  const next = [{ kind: "close", scope, how, by: key }] as const;
  const mine: Decision = { next, closed: false, how, members: new Map([[0, view.key(by)]]) };
  if (breaks("raceboth")) return yield* inv.dispatch(inv, next, true);
  return yield* put(inv, key, () => mine);
}

/** Tried at once; while something inside is held, a message of its own carries it. */
export function* closeScope(inv: Invocation, effect: EffectOf<"close">): Work<Whole> {
  const tried = yield* tryClose(inv, effect);
  if (tried !== "held") return tried;
  const { scope, how, by } = effect;
  if (!inv.breaks("closeunsent"))
    yield* send([{ body: { kind: "close", epoch: inv.view.epoch, scope, how, by }, delay: 3 }]);
  return true;
}

/** It is put off for as long as something is held. */
export function* receiveClose(
  delivery: Delivery,
  { epoch, ...effect }: Extract<ControlMessage, { kind: "close" }>,
): Work<Whole> {
  const inv = yield* invocationAt(delivery, epoch);
  const tried = yield* tryClose(inv, effect);
  return tried === "held" ? inv.breaks("closedrops") : tried;
}

function* tryClose(inv: Invocation, effect: EffectOf<"close">): Work<Whole | "held"> {
  const { log, view, breaks } = inv;
  const { scope, how } = effect;
  const last = how.kind === "won" ? planKey(scope) : decideKey(scope);
  const stands = yield* act(() => log.decisions.get(view.key(last)));
  if (!stands && !breaks("closenodrain")) {
    const drained = yield* drainInside(inv, breaks("closewide") ? `${scope}/` : insideOf(scope, how));
    if (drained === "held" && !breaks("closeheldscope")) return "held";
    if (drained === "blocked") return true; // the failed undo step has stopped the execution
  }
  if (how.kind !== "won" || breaks("raceundone")) return yield* goOn(inv, { ...effect, kind: "conclude" });
  return yield* put(inv, planKey(scope), () => {
    const stages = planOf(inv, scope, how);
    return { next: stageEffects(stages, { scope, how, stage: 0, by: planKey(scope) }), closed: false, how, stages };
  });
}

/** What follows the scope. */
export function* goOn(inv: Invocation, { scope, how, by }: EffectOf<"conclude">): Work<Whole> {
  const key = decideKey(scope);
  return yield* put(inv, key, () => ({
    next: routeLeft(routing(inv, key), scope, how as How), // only the execution's end has none
    closed: false,
    how: how as How,
    members: new Map([[0, inv.view.key(by)]]),
  }));
}
