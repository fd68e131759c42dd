/** A step's message at its node: claim, look at the header, run, decide, settle, dispatch. */
import { dispatch, fenced, walkOn } from "./dispatch.ts";
import type { Effect } from "./effect.ts";
import { taskAt, undoneBy } from "./graph.ts";
import { runHandler, standingOutput } from "./handler.ts";
import type { Header } from "./headers.ts";
import { invocationAt } from "./invocation.ts";
import { stepKey } from "./keys.ts";
import type { StepMessage } from "./queue.ts";
import { routeAfter } from "./route.ts";
import { givenUp, setBack } from "./setback.ts";
import { act, type Delivery, holderOf, type Invocation, routing, type Visit, type Whole, type Work } from "./work.ts";

export function* receiveStep(delivery: Delivery, body: StepMessage): Work<Whole> {
  const inv = yield* invocationAt(delivery, body.epoch);
  return yield* delivery.dead ? deadStep(inv, body) : step(inv, body);
}

export function* step(inv: Invocation, visit: Visit): Work<Whole> {
  const { log, random } = inv;
  if (inv.seen.has(stepKey(visit.path))) return true;
  inv.seen.add(stepKey(visit.path));
  const key = inv.view.key(stepKey(visit.path));
  const { repeatable } = taskAt(inv.graph, visit.path);

  const headerFirst = random.chance(0.5); // both are asked at once
  if (headerFirst) yield* headerOf(inv);
  let fence: number | undefined;
  if (!repeatable) {
    const claim = yield* act(() => log.claim(key, holderOf(inv, repeatable)));
    if (claim.kind === "settled") return yield* walkOn(inv, visit.path, claim.record);
    if (claim.kind === "held") return inv.breaks("dropheld");
    fence = claim.record.fence;
  } else if (inv.message.receives > 1) {
    const record = yield* act(() => log.steps.get(key));
    if (record?.status === "settled") return yield* walkOn(inv, visit.path, record);
  }
  const header = yield* headerOf(inv);
  const older = (header?.epoch ?? 0) > inv.view.epoch && !inv.breaks("newestview");
  if (older || !runsIn(inv, visit, header)) return yield* leave(inv, visit, fence, header);

  const stands = yield* standingOutput(inv, visit.path);
  const came = stands ? "output" : yield* runHandler(inv, visit.path);
  if (came !== "output") return yield* setBack(inv, { visit, fence, came });
  return yield* settle(inv, { visit, fence, stands });
}

/** An undo step runs while its execution ends too. */
function runsIn({ breaks }: Invocation, { path }: Visit, header?: Header): boolean {
  const undoing = undoneBy(path) !== undefined && !breaks("undostops");
  return header?.status === "running" || (undoing && (header?.status === "stopping" || header?.status === "stuck"));
}

/** As eventual as reads are, unless it is older than the message: then something has begun that it does not know of. */
function* headerOf(inv: Invocation): Work<Header | undefined> {
  if (inv.header) return inv.header;
  const { headers } = inv.log;
  let header = yield* act(() => headers.glance(inv.random.below(inv.staleness)));
  const stale = header ? header.epoch < inv.view.epoch && !inv.breaks("staleheader") : !inv.breaks("missingends");
  if (stale) header = yield* act(() => headers.current);
  if (header) inv.header = header;
  return header;
}

/** The execution is paused, or ends, or is past this epoch: give the claim back; a paused one parks the message. */
function* leave(inv: Invocation, visit: Visit, fence: number | undefined, header?: Header): Work<Whole> {
  const { log } = inv;
  const parks = header?.status === "paused" && header.epoch <= inv.view.epoch;
  if (fence !== undefined && !(parks && inv.breaks("releasemissing")))
    yield* act(() => log.release(inv.view.key(stepKey(visit.path)), fence));
  if (!parks) return true;
  const body: StepMessage = { kind: "step", epoch: inv.view.epoch, ...visit };
  const parked = yield* act(() => log.park(body));
  return parked || inv.breaks("ackunparked");
}

function* settle(inv: Invocation, s: { visit: Visit; fence: number | undefined; stands: boolean }): Work<Whole> {
  const { log, view } = inv;
  const { path, by } = s.visit;
  const key = view.key(stepKey(path));
  const next = following(inv, s.visit);
  if (inv.breaks("sendbeforesettle")) yield* dispatch(inv, next, false);
  const transacts = s.fence !== undefined && !s.stands;
  const settled = yield* act(() =>
    log.settle(key, s.fence, {
      by: inv.id,
      result: "output",
      from: view.key(by),
      next: inv.breaks("splitsettle") ? undefined : next,
      effect: transacts ? effectOf(inv, path) : undefined,
    }),
  );
  if (!settled) return yield* fenced(inv, path);
  if (inv.breaks("splitsettle")) yield* act(() => log.addDecision(key, next));
  if (inv.breaks("ackearly")) inv.queue.delete(inv.message);
  return yield* dispatch(inv, next, false);
}

function following(inv: Invocation, { path, arrives }: Visit): readonly Effect[] {
  const by = stepKey(path);
  return arrives ? [{ kind: "arrive", ...arrives, by }] : routeAfter(routing(inv, by), path);
}

/** What its transaction takes effect under: a step is undone once, in whatever generation. */
function effectOf({ view }: Invocation, path: string): string {
  const undone = undoneBy(path);
  return undone === undefined
    ? `${path} ${view.idempotencyEpoch(path)}`
    : `undo ${undone} ${view.idempotencyEpoch(undone)}`;
}

/** It came to nothing too often. What the log says of its step decides; nothing is dropped. */
function* deadStep(inv: Invocation, visit: Visit): Work<Whole> {
  const { log } = inv;
  const { path, by } = visit;
  const key = inv.view.key(stepKey(path));
  const record = yield* act(() => log.steps.get(key));
  if (record?.status === "settled") return inv.breaks("deadsettleddrops") ? true : yield* walkOn(inv, path, record);
  if (inv.breaks("deadsettles")) {
    const next = givenUp(inv, visit);
    yield* act(() => log.settle(key, record?.fence, { by: inv.id, result: "error", from: inv.view.key(by), next }));
    return yield* dispatch(inv, next, true);
  }
  const { repeatable } = taskAt(inv.graph, path);
  const claim = repeatable ? undefined : yield* act(() => log.claim(key, holderOf(inv, repeatable)));
  if (claim?.kind === "settled") return yield* walkOn(inv, path, claim.record);
  if (claim?.kind === "held") return inv.breaks("deadhelddrops");
  const fence = claim?.kind === "claimed" ? claim.record.fence : undefined;
  return yield* setBack(inv, { visit, fence, came: "crash" });
}
