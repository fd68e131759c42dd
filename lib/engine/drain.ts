/**
 * Ending early, in phases that the log holds: *stopping* on the header; the drain, which closes the frontier until
 * nothing is open; then the end. Worked out from the log alone, so it holds whatever is still in a queue.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { frontier } from "../kernel/frontier.ts";
import { decideKey } from "../kernel/record.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { type Context, type Invocation, unknownGraph } from "./context.ts";
import { nodeAt } from "./dispatch.ts";
import { tellFreed, tellFreedAgain } from "./freed.ts";

/** Between two looks at a running step that the execution waits for. */
const LONGEST_PAUSE_MS = 20_000;

export async function stop(context: Context, delivery: Delivery, message: EnvelopeOf<"stop">): Promise<Outcome> {
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  const { error, epoch } = message;
  const change = { epoch, from: ["running", "paused"], to: "stopping", error, ending: message.as } as const;
  await inv.log.turn(inv.execution, change);
  return drain(inv, delivery);
}

export async function drain(inv: Invocation, delivery: Delivery): Promise<Outcome> {
  const { log, context } = inv;
  const { epoch } = inv.generation;
  const header = await log.header(inv.execution);
  if (header?.status !== "stopping" || header.epoch !== epoch) {
    if (header) await tellFreed(context, header);
    return { kind: "acknowledge" };
  }
  for (;;) {
    const open = await closeFrontier(inv);
    if (open === "held") return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };
    if (open === "closed") break;
  }
  const to = header.ending ?? "failed";
  const closed = await log.turn(inv.execution, { epoch, from: ["stopping"], to, endedAtMs: context.clock.now() });
  if (closed) context.ended(closed);
  await (closed ? tellFreed(context, closed) : tellFreedAgain(context, inv));
  return { kind: "acknowledge" };
}

async function closeFrontier(inv: Invocation): Promise<"held" | "again" | "closed"> {
  const { log } = inv;
  const { clock, limits } = inv.context;
  const open = frontier(await log.list(inv.execution));
  let held = false;
  let late = false;
  for (const { path } of open.steps) {
    const request = { node: nodeAt(inv, path).name, nowMs: clock.now(), skewMs: limits.skewMs };
    const closed = await log.close(inv.execution, path, request);
    if (closed.kind === "held") held = true;
    if (closed.kind === "settled") late = true; // it settled meanwhile: what follows it is open now
  }
  for (const { path } of open.joins) {
    const nothing = { kind: "decision", next: [], atMs: clock.now() } as const;
    const { mine } = await log.decide(inv.execution, decideKey(path), nothing);
    if (!mine) late = true;
  }
  if (late) return "again";
  return held ? "held" : "closed";
}
