/**
 * Ending early, in phases that the log holds: *stopping* on the header; the drain, which closes the frontier until
 * nothing is open; then the end. Worked out from the log alone, so it holds whatever is still in a queue.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { frontier } from "../kernel/frontier.ts";
import { decideKey, START_KEY } from "../kernel/record.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { type Context, type Invocation, unknownGraph } from "./context.ts";
import { nodeAt } from "./dispatch.ts";

/** Between two looks at a running step that the execution waits for. */
const LONGEST_PAUSE_MS = 20_000;

export async function drain(context: Context, delivery: Delivery, message: EnvelopeOf<"stop">): Promise<Outcome> {
  const { log, clock, ended } = context;
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  const { error } = message;
  await log.turn(inv.execution, { from: ["running"], to: "stopping", error });
  const header = await log.header(inv.execution);
  if (header?.status !== "stopping") return { kind: "acknowledge" };
  for (;;) {
    const open = await closeFrontier(inv);
    if (open === "held") return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };
    if (open === "closed") break;
  }
  const closed = await log.turn(inv.execution, { from: ["stopping"], to: "failed", endedAtMs: clock.now() });
  if (closed) ended(closed);
  return { kind: "acknowledge" };
}

async function closeFrontier(inv: Invocation): Promise<"held" | "again" | "closed"> {
  const { log, clock, limits } = inv.context;
  const open = frontier(await log.list(inv.execution));
  const nothing = { kind: "decision", next: [], atMs: clock.now() } as const;
  if (open.unstarted) await log.decide(inv.execution, START_KEY, nothing);
  let held = false;
  let late = false;
  for (const { path } of open.steps) {
    const request = { node: nodeAt(inv, path).name, nowMs: clock.now(), skewMs: limits.skewMs };
    const closed = await log.close(inv.execution, path, request);
    if (closed.kind === "held") held = true;
    if (closed.kind === "settled") late = true; // it settled meanwhile: what follows it is open now
  }
  for (const { path } of open.joins) {
    const { mine } = await log.decide(inv.execution, decideKey(path), nothing);
    if (!mine) late = true;
  }
  if (late || open.unstarted) return "again";
  return held ? "held" : "closed";
}
