/** Carries out what a record says comes next. Doing it again from the start of the list changes nothing. */

import { beginCall, tellParent } from "./call.ts";
import type { Effect, EffectOf } from "./effect.ts";
import { taskAt, undoneBy } from "./graph.ts";
import { decideKey, type Key, planKey, stageOf, stepKey } from "./keys.ts";
import type { Decision, StepRecord } from "./log.ts";
import { stageEffects } from "./plan.ts";
import { routeAfter } from "./route.ts";
import { goOn, leaveScope } from "./scope.ts";
import { leavesOf, seatsOf } from "./seats.ts";
import { beginWait } from "./waits.ts";
import { act, type Invocation, type Out, routing, send, type Visit, type Whole, type Work } from "./work.ts";

/** @param again it may have been dispatched before, wholly or in part */
export function* dispatch(inv: Invocation, next: readonly Effect[], again: boolean): Work<Whole> {
  const out: Out[] = [];
  const inline: Visit[] = [];
  let whole = true;
  for (const effect of next)
    if (effect.kind === "step") yield* place(inv, effect, { again, out, inline });
    else if (effect.kind === "fail" || effect.kind === "stick")
      out.push({ body: { kind: "stop", epoch: inv.view.epoch, as: "failed" }, delay: 0 });
    else whole = (yield* carryOut(inv, effect)) && whole;
  yield* send(out);
  for (const visit of inv.random.shuffled(inline)) whole = (yield* inv.step(inv, visit)) && whole;
  return whole;
}

function* carryOut(inv: Invocation, effect: Exclude<Effect, EffectOf<"step" | "fail" | "stick">>): Work<Whole> {
  switch (effect.kind) {
    case "arrive":
      return yield* arrive(inv, effect);
    case "wait":
      return yield* beginWait(inv, effect);
    case "call":
      yield* beginCall(inv, effect);
      return true;
    case "leave":
      return yield* leaveScope(inv, effect);
    case "close":
      return yield* inv.close(inv, effect);
    case "conclude":
      if (effect.scope !== "") return yield* goOn(inv, effect);
      yield* conclude(inv);
      return true;
    case "succeed":
      yield* succeed(inv);
      return true;
  }
}

/** A settled step: nobody knows how far its holder came. */
export function* walkOn(inv: Invocation, path: string, record: StepRecord): Work<Whole> {
  const anew = inv.breaks("recompute") && record.result === "output" && undoneBy(path) === undefined;
  return yield* dispatch(inv, anew ? routeAfter(routing(inv, stepKey(path)), path) : (record.next ?? []), true);
}

/** Unless the step has settled, a newer holder may live on this very message: it must come back. */
export function* fenced(inv: Invocation, path: string): Work<Whole> {
  const record = yield* act(() => inv.log.steps.get(inv.view.key(stepKey(path))));
  if (record?.status === "settled") return yield* walkOn(inv, path, record);
  return inv.breaks("ackfenced");
}

interface Places {
  readonly again: boolean;
  readonly out: Out[];
  readonly inline: Visit[];
}

/** Queued: a message of its own. Inline: rides on this one, also when settled, for so does what follows it. */
function* place(inv: Invocation, { path, by, arrives }: EffectOf<"step">, { again, out, inline }: Places): Work<void> {
  const { inline: rides } = taskAt(inv.graph, path);
  const hurry = inv.hurry || inv.random.chance(0.1);
  const settled = (again || (rides && hurry)) && (yield* isSettled(inv, path));
  if (rides && (!hurry || settled) && !(settled && inv.breaks("skipinline"))) inline.push({ path, by });
  else if (!settled) out.push({ body: { kind: "step", epoch: inv.view.epoch, path, by, arrives }, delay: 0 });
}

function* isSettled(inv: Invocation, path: string): Work<boolean> {
  return yield* act(() => inv.log.steps.get(inv.view.key(stepKey(path)))?.status === "settled");
}

function* arrive(inv: Invocation, effect: EffectOf<"arrive">): Work<Whole> {
  const { log, view } = inv;
  for (const seat of seatsOf(effect.path, effect.member, effect.of)) {
    const full = yield* act(() => log.arrive(view.key(seat.key), seat, effect.by));
    if (!full) return true;
  }
  return yield* proceed(inv, effect);
}

/** The join is full: put the decision if there is none, and dispatch the one that stands. */
function* proceed(inv: Invocation, { path, of }: EffectOf<"arrive">): Work<Whole> {
  const { log, view } = inv;
  const key = decideKey(path);
  if (inv.seen.has(key)) return true;
  inv.seen.add(key);
  const before = yield* act(() => log.decisions.get(view.key(key)));
  if (before) return yield* dispatch(inv, before.next, true);
  const members = new Map<number, Key>();
  for (const leaf of leavesOf(path, of)) {
    const set = yield* act(() => [...(log.sets.get(view.key(leaf))?.members ?? [])]);
    for (const [member, value] of set) members.set(member, view.key(value));
  }
  const mine: Decision = { next: yield* afterJoin(inv, path), closed: false, members };
  if (inv.breaks("nodecide")) return yield* dispatch(inv, mine.next, true);
  const decided = yield* act(() => log.decide(view.key(key), mine));
  const standing = inv.breaks("ignorewinner") ? mine : decided.standing;
  return yield* dispatch(inv, standing.next, !decided.mine);
}

/** A stage of an undo plan is followed by the next one. */
function* afterJoin(inv: Invocation, path: string): Work<readonly Effect[]> {
  const { log, view } = inv;
  const by = decideKey(path);
  const of = stageOf(path);
  if (!of) return routeAfter(routing(inv, by), path);
  const plan = yield* act(() => log.decisions.get(view.key(planKey(of.scope))));
  return stageEffects(plan?.stages ?? [], { scope: of.scope, how: plan?.how, stage: of.stage + 1, by });
}

function* succeed(inv: Invocation): Work<void> {
  const { log, view } = inv;
  const from = inv.breaks("succeedwaits") ? (["running"] as const) : (["running", "paused"] as const);
  const turned = yield* act(() => log.turn({ epoch: view.epoch, from, to: "succeeded" }));
  yield* tellParent(inv, turned !== undefined);
}

/** Everything is undone: as what it was to end. */
function* conclude(inv: Invocation): Work<void> {
  const { log, view } = inv;
  const header = yield* act(() => log.headers.current);
  const to = header?.ending ?? "failed";
  const turned = yield* act(() => log.turn({ epoch: view.epoch, from: ["stopping"], to }));
  yield* tellParent(inv, turned !== undefined);
}
