/**
 * The spine: one message at a node, from claim to acknowledgement. A crash between any two awaits leaves the message
 * in its queue, and doing all of this again is harmless:
 *
 *     claim → (execution ending? close) → input → handler → DECIDE → settle → dispatch → acknowledge
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { type Execution, printExecution } from "../contract/ids.ts";
import { stepKey, type ValueRef } from "../kernel/record.ts";
import type { Holder } from "../kernel/step.ts";
import type { NodeSpec } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { HandlerOutcome } from "../ports/handlers.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import {
  AFTER_ATTEMPT_MS,
  type Context,
  type Invocation,
  notWhole,
  outcomeOf,
  unknownGraph,
  type Visit,
  WHOLE,
  type Whole,
} from "./context.ts";
import { decideAfter, taskInput } from "./decide.ts";
import { dispatch, fenced, nodeAt, walkOn } from "./dispatch.ts";
import { setBack } from "./setback.ts";

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

export interface Generation extends Execution {
  readonly graph: string;
  readonly epoch: number;
  readonly carry?: Readonly<Record<ValueRef, Json>> | undefined;
}

export async function invocationOf(
  context: Context,
  delivery: Pick<Delivery, "receives" | "dead">,
  of: Generation,
): Promise<Invocation | undefined> {
  const program = await context.programs.of(of.workflow, of.graph);
  if (!program) return undefined;
  const execution = { workflow: of.workflow, id: of.id, expiresAt: of.expiresAt };
  let header: ReturnType<Invocation["header"]> | undefined;
  return {
    context,
    program,
    execution,
    epoch: of.epoch,
    seen: new Set(),
    atRest: new Map(),
    carried: of.carry ?? {},
    again: delivery.receives > 1,
    deadlineMs: delivery.dead ? 0 : context.deadlineMs(),
    header: () => (header ??= context.log.glance(execution)),
    step,
  };
}

/** One step and what rides on it. */
async function step(inv: Invocation, visit: Visit): Promise<Whole> {
  const { log, clock, handlers } = inv.context;
  const { path } = visit;
  const key = stepKey(path);
  if (inv.seen.has(key)) return WHOLE;
  inv.seen.add(key);
  const node = nodeAt(inv, path);
  const startedAtMs = clock.now();

  let holder: Holder = "repeatable";
  let attempt = visit.attempt;
  const [claim, header] = await Promise.all([claimOf(inv, path, node), inv.header()]);
  if (claim) {
    if (claim.kind === "settled") return walkOn(inv, key, claim.record);
    if (claim.kind === "held") return notWhole(claim.untilMs - startedAtMs);
    holder = claim.record.fence;
    attempt = claim.record.failures + claim.record.crashes + 1;
  } else if (inv.again || attempt > 1) {
    const record = await log.read(inv.execution, key);
    if (record?.kind === "step" && record.status === "settled") return walkOn(inv, key, record);
  }
  if (header?.status !== "running") {
    // Ending: nobody is to hold this step, so that the drain can close it.
    if (holder !== "repeatable") await log.release(inv.execution, path, holder);
    return WHOLE;
  }

  const input = await taskInput(inv, path, visit.bind);
  const outcome: HandlerOutcome =
    input.kind === "value"
      ? await handlers.run({
          workflow: inv.execution.workflow,
          node: node.name,
          input: input.value,
          step: { execution: printExecution(inv.execution), path, attempt, epoch: inv.epoch },
          timeoutMs: Math.max(1, Math.min(node.timeoutMs, inv.deadlineMs - AFTER_ATTEMPT_MS - clock.now())),
        })
      : {
          kind: "error",
          code: "slot_failed",
          message: input.kind === "threw" ? input.message : input.ref,
          final: true,
        };
  if (outcome.kind !== "output") return setBack(inv, { visit, node, holder, startedAtMs, attempt }, outcome);

  const { output } = outcome;
  const decision = await decideAfter(inv, { key, output }, path, visit.bind);
  const settled = await log.settle(inv.execution, path, {
    node: node.name,
    holder,
    atMs: clock.now(),
    startedAtMs,
    result: { output },
    decision,
  });
  if (settled.kind === "refused") return fenced(inv, key, settled.record);
  inv.atRest.set(key, settled.record);
  return dispatch(inv, decision.next, false);
}

/** Undefined: the node is repeatable and runs without a claim. */
async function claimOf(inv: Invocation, path: string, node: NodeSpec) {
  if (node.repeatable) return undefined;
  const { log, clock, limits } = inv.context;
  return log.claim(inv.execution, path, {
    node: node.name,
    nowMs: clock.now(),
    leaseMs: node.timeoutMs + AFTER_ATTEMPT_MS,
    skewMs: limits.skewMs,
  });
}
