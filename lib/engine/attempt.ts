/**
 * The spine: one message at a node, from claim to acknowledgement. A crash between any two awaits leaves the message
 * in its queue, and doing all of this again is harmless:
 *
 *     claim → (execution ending? close) → input → handler → DECIDE → settle → dispatch → acknowledge
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { printExecution } from "../contract/ids.ts";
import { stepKey } from "../kernel/record.ts";
import type { Holder } from "../kernel/step.ts";
import type { HandlerOutcome } from "../ports/handlers.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import {
  type Context,
  DEPLOY_RETRY_MS,
  type Invocation,
  notWhole,
  outcomeOf,
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
  if (!inv) return { kind: "putOff", delayMs: DEPLOY_RETRY_MS };
  return outcomeOf(await step(inv, envelope));
}

export async function invocationOf(
  context: Context,
  delivery: Pick<Delivery, "receives" | "dead">,
  of: { readonly workflow: string; readonly id: string; readonly graph: string; readonly epoch: number },
): Promise<Invocation | undefined> {
  const program = await context.programs.of(of.workflow, of.graph);
  if (!program) return undefined;
  return {
    context,
    program,
    execution: { workflow: of.workflow, id: of.id },
    epoch: of.epoch,
    seen: new Set(),
    again: delivery.receives > 1,
    hurryAtMs: delivery.dead ? 0 : context.clock.now() + SEGMENT_MS,
    step,
  };
}
/** An inline segment hands over to the queues after this long, well before a Lambda's end. */
const SEGMENT_MS = 10 * 60_000;

/** One step and what rides on it. */
async function step(inv: Invocation, visit: Visit): Promise<Whole> {
  const { log, clock, handlers, limits } = inv.context;
  const { path } = visit;
  const key = stepKey(path);
  if (inv.seen.has(key)) return WHOLE;
  inv.seen.add(key);
  const node = nodeAt(inv, path);
  const startedAtMs = clock.now();

  let holder: Holder = "repeatable";
  let attempt = visit.attempt;
  if (!node.repeatable) {
    const claim = await log.claim(inv.execution, path, {
      node: node.name,
      nowMs: startedAtMs,
      leaseMs: node.timeoutMs + LEASE_MARGIN_MS,
      skewMs: limits.skewMs,
    });
    if (claim.kind === "settled") return walkOn(inv, claim.record);
    if (claim.kind === "held") return notWhole(claim.untilMs - startedAtMs);
    holder = claim.record.fence;
    attempt = claim.record.failures + claim.record.crashes + 1;
  } else if (inv.again || attempt > 1) {
    const record = await log.read(inv.execution, key);
    if (record?.kind === "step" && record.status === "settled") return walkOn(inv, record);
  }

  const header = await log.header(inv.execution);
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
          timeoutMs: node.timeoutMs,
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
  return settled.kind === "written" ? dispatch(inv, decision.next, false) : fenced(inv, settled);
}
const LEASE_MARGIN_MS = 5_000;
