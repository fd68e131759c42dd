/** Closes what the log says is open inside a scope, so that whoever comes late finds it settled with nothing to follow. */
import { askChild } from "./call.ts";
import { type Effect, type EffectOf, isUndo, placeOfEffect } from "./effect.ts";
import { reached } from "./frontier.ts";
import { undoneBy } from "./graph.ts";
import { decideKey, type Key, planKey, START, stageOf, stepKey, wonKey } from "./keys.ts";
import type { Decision } from "./log.ts";
import { answered, placeOfWait } from "./waits.ts";
import { act, type Invocation, type Work } from "./work.ts";

/** Blocked: an undo step has failed for good, and what was to follow it cannot. */
export type Drained = "held" | "blocked" | "closed";
type Closed = "closed" | "again" | "held";

const NOTHING: Decision = { next: [], closed: true };

export function* drainInside(inv: Invocation, inside: string, undoes = true): Work<Drained> {
  const { breaks } = inv;
  for (;;) {
    const closed = yield* pass(inv, inside, undoes);
    if (closed === "again" && !breaks("drainonce")) continue;
    const blocked = undoes && (yield* act(() => hasFailedUndo(inv, inside)));
    if (closed === "held") {
      const waits = yield* act(() => undoOpen(inv, inside));
      return blocked && !waits ? "blocked" : "held";
    }
    return blocked ? "blocked" : "closed";
  }
}

function* pass(inv: Invocation, inside: string, undoes: boolean): Work<Closed> {
  const { log, view, breaks } = inv;
  const { open, records } = yield* act(() => reached(log, view));
  const all: Closed[] = [];
  if (inside === "" && !records.get(START) && !breaks("drainstart")) {
    yield* act(() => log.decide(view.key(START), NOTHING));
    all.push("again");
  }
  for (const effect of open)
    if (placeOfEffect(effect).startsWith(inside)) all.push(yield* closeOne(inv, effect, undoes));
  if (all.includes("again")) return "again";
  return all.includes("held") ? "held" : "closed";
}

function* closeOne(inv: Invocation, effect: Effect, undoes: boolean): Work<Closed> {
  const { log, view, breaks } = inv;
  switch (effect.kind) {
    case "step": {
      if (undoes && isUndo(effect) && !breaks("closeundo")) return "held";
      const closed = yield* act(() => log.close(view.key(stepKey(effect.path)), inv.clock()));
      return closed === "settled" ? "again" : closed; // meanwhile: what follows it is open now
    }
    case "arrive":
      if (undoes && stageOf(effect.path)) return "held";
      return breaks("drainjoins") ? "closed" : yield* nothing(inv, decideKey(effect.path));
    case "wait":
      return yield* closeWait(inv, effect);
    case "call":
      return yield* askChild(inv, effect);
    case "leave":
      return breaks("drainleaves") ? "closed" : yield* nothing(inv, wonKey(effect.scope));
    case "close":
      // Either the inner plan stands and is waited for, or there is none and never will be.
      if (effect.how.kind !== "won") return yield* nothing(inv, decideKey(effect.scope));
      return breaks("drainnofence") ? "closed" : yield* nothing(inv, planKey(effect.scope));
    case "conclude":
      return yield* nothing(inv, decideKey(effect.scope));
    default:
      return "closed";
  }
}

function* nothing({ log, view }: Invocation, key: Key): Work<Closed> {
  const { mine } = yield* act(() => log.decide(view.key(key), NOTHING));
  return mine ? "closed" : "again";
}

/** Once it has left its mailbox no signal goes to it; one that it has already is gone on with. */
function* closeWait(inv: Invocation, wait: EffectOf<"wait">): Work<Closed> {
  const { log, breaks } = inv;
  const { signal } = wait;
  if (signal !== undefined && !breaks("drainkeepsmail")) {
    const id = yield* act(() => log.mailbox(signal).leave(placeOfWait(inv, wait)));
    if (id !== undefined && !breaks("drainassigned")) {
      yield* answered({ ...inv, seen: new Set() }, wait, { id, signal });
      return "again";
    }
  }
  return yield* nothing(inv, decideKey(wait.path));
}

const undoSteps = ({ log, view }: Invocation, inside: string): readonly Key[] =>
  [...reached(log, view).records.keys()].filter((key) => {
    const path = key.slice("step/".length);
    return key.startsWith("step/") && undoneBy(path) !== undefined && path.startsWith(inside);
  });
const hasFailedUndo = (inv: Invocation, inside: string): boolean =>
  undoSteps(inv, inside).some((key) => inv.log.steps.get(inv.view.key(key))?.result === "error");
const undoOpen = (inv: Invocation, inside: string): boolean =>
  undoSteps(inv, inside).some((key) => inv.log.steps.get(inv.view.key(key))?.status !== "settled");

/** What a drain waits for it also sends: nobody else may be left who does. */
export function* carryUndosOn(inv: Invocation): Work<void> {
  const { log, view } = inv;
  const { records } = yield* act(() => reached(log, view));
  for (const [key, next] of records) {
    const undoes = key.includes("#undo") || (key.startsWith("step/") && key.endsWith("/undo"));
    if (undoes && next) yield* inv.dispatch({ ...inv, hurry: true, seen: new Set() }, next.filter(isOfUndo), true);
  }
}
const isOfUndo = (effect: Effect): boolean => ["step", "arrive", "conclude"].includes(effect.kind);
