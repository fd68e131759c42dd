/**
 * The spine: one message at a node, from claim to acknowledgement. A crash between any two awaits leaves the message
 * in its queue, and doing all of this again is harmless:
 *
 *     claim → (execution paused? park; ending? leave) → input → handler → DECIDE → settle → dispatch → acknowledge
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import type { Execution } from "../contract/ids.ts";
import { type Header, type StepRecord, stepKey, type ValueRef } from "../kernel/record.ts";
import type { Holder } from "../kernel/step.ts";
import type { NodeSpec } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { isLeft } from "./closing.ts";
import {
  type Context,
  type Invocation,
  mayRun,
  notWhole,
  outcomeOf,
  unknownGraph,
  type Visit,
  WHOLE,
  type Whole,
} from "./context.ts";
import { decideAfter } from "./decide.ts";
import { dispatch } from "./dispatch.ts";
import { generationLog } from "./generation-log.ts";
import { fenced, walkOn } from "./go-on.ts";
import { outlived } from "./lifetime.ts";
import { nodeAt, stopMessage } from "./messages.ts";
import { turnAway } from "./park.ts";
import { leaseOf, outcomeOfStep } from "./run.ts";
import { type Attempted, setBack } from "./setback.ts";

/** A step's message at its node's queue. */
export async function receiveStep(
  context: Context,
  delivery: Delivery,
  envelope: EnvelopeOf<"step">,
): Promise<Outcome> {
  const inv = await invocationOf(context, delivery, envelope);
  if (!inv) return unknownGraph(context, delivery, envelope.graph);
  return outcomeOf(await step(inv, envelope));
}

/** What a message says of the execution that it is for. */
export interface Addressed extends Execution {
  readonly graph: string;
  readonly epoch: number;
  readonly carry?: Readonly<Record<ValueRef, Json>> | undefined;
}

export async function invocationOf(
  context: Context,
  delivery: Pick<Delivery, "receives" | "dead">,
  of: Addressed,
): Promise<Invocation | undefined> {
  const program = await context.programs.of(of.workflow, of.graph);
  if (!program) return undefined;
  const execution = { workflow: of.workflow, id: of.id, expiresAt: of.expiresAt };
  const generation = await context.generations.of(execution, of.epoch);
  let header: ReturnType<Invocation["header"]> | undefined;
  return {
    context,
    program,
    execution,
    generation,
    log: generationLog(context.log, generation),
    seen: new Set(),
    atRest: new Map(),
    carried: of.carry ?? {},
    again: delivery.receives > 1,
    deadlineMs: delivery.dead ? 0 : context.deadlineMs(),
    header: () => (header ??= headerOf(context, execution, of.epoch)),
    step,
    dispatch,
  };
}

/** A glance at a header of an older epoch than a message's own has seen what is past. */
async function headerOf({ log }: Context, execution: Execution, epoch: number): Promise<Header | undefined> {
  const header = await log.glance(execution);
  return header && header.epoch < epoch ? log.header(execution) : header;
}

/** One step and what rides on it. */
async function step(inv: Invocation, visit: Visit): Promise<Whole> {
  const { log } = inv;
  const { clock } = inv.context;
  const { path } = visit;
  const key = stepKey(path);
  if (inv.seen.has(key)) return WHOLE;
  inv.seen.add(key);
  const node = nodeAt(inv, path);
  const startedAtMs = clock.now();

  let holder: Holder = "repeatable";
  let attempt = visit.attempt;
  let memo: StepRecord["memo"];
  const [claim, header, left] = await Promise.all([
    claimOf(inv, path, node),
    inv.header(),
    // What undoes another is at work because its scope was left.
    visit.bind.undo ? false : isLeft(inv, path),
  ]);
  if (claim) {
    if (claim.kind === "settled") return walkOn(inv, key, claim.record);
    if (claim.kind === "held") return notWhole(claim.untilMs - startedAtMs);
    holder = claim.record.fence;
    attempt = claim.record.failures + claim.record.crashes + 1;
    memo = claim.record.memo;
  } else if (inv.again || attempt > 1) {
    const record = await log.read(inv.execution, key);
    if (record?.kind === "step" && record.status === "settled") return walkOn(inv, key, record);
    if (record?.kind === "step") memo = record.memo;
  }
  const attempted: Attempted = { visit, node, holder, startedAtMs, attempt };
  // What it did is taken back for as long as its records stay.
  const tooLate = visit.bind.undo ? undefined : outlived(inv.context, inv.execution);
  if (tooLate) await inv.context.transport.send([stopMessage(inv, tooLate)]);
  if (tooLate || left || !mayRun(inv, visit.bind, header)) return turnAway(inv, attempted, header);

  const outcome = await outcomeOfStep(inv, attempted, memo);
  if (outcome.kind !== "output") return setBack(inv, attempted, outcome);

  const { output, transact } = outcome;
  const decision = await decideAfter(inv, { key, output }, path, visit.bind);
  const settlement = { node: node.name, holder, atMs: clock.now(), startedAtMs, result: { output }, decision };
  const settled = await log.settle(inv.execution, path, settlement, transact);
  if (settled.kind === "unmet") {
    const { reason: message, final } = settled;
    return setBack(inv, attempted, {
      kind: "error",
      code: final ? "invalid_transaction" : "transaction_unmet",
      message,
      final,
    });
  }
  if (settled.kind === "refused") return fenced(inv, key, settled.record);
  inv.atRest.set(key, settled.record);
  return dispatch(inv, decision.next, false);
}

/** Undefined: the node is repeatable and runs without a claim. */
async function claimOf(inv: Invocation, path: string, node: NodeSpec) {
  if (node.repeatable) return undefined;
  const { clock, limits } = inv.context;
  return inv.log.claim(inv.execution, path, {
    node: node.name,
    nowMs: clock.now(),
    leaseMs: leaseOf(node),
    skewMs: limits.skewMs,
  });
}
