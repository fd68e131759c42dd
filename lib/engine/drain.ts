/**
 * Ending early, in phases that the log holds: *stopping* on the header; the drain, which closes the frontier until
 * nothing is open; then the end. Worked out from the log alone, so it holds whatever is still in a queue.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { printExecution } from "../contract/ids.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { closeOpen } from "./close-open.ts";
import { type Context, type Invocation, outcomeOf, unknownGraph } from "./context.ts";
import { tellEnd } from "./ends.ts";
import { undo } from "./undoing.ts";

/** Between two looks at a running step that the execution waits for. */
const LONGEST_PAUSE_MS = 20_000;

export async function stop(context: Context, delivery: Delivery, message: EnvelopeOf<"stop">): Promise<Outcome> {
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  const { error, epoch, keep } = message;
  const change = { epoch, from: ["running", "paused"], to: "stopping", error, ending: message.as } as const;
  const turned = await inv.log.turn(inv.execution, { ...change, ...(keep && { keep }) });
  // What is stuck ends as it was to, without what is still to be undone.
  const given =
    keep && (await inv.log.turn(inv.execution, { epoch, from: ["stuck", "stopping"], to: "stopping", keep }));
  // What they give is not waited for longer than they take: the drain closes what it finds open. Once: asked again, what
  // undoes another may be at work, and of an older epoch, what a redrive has begun.
  if (turned || given) context.handlers.abort(printExecution(inv.execution), "");
  return drain(inv, delivery);
}

/** The whole execution may not take longer. */
export async function receiveDeadline(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"deadline">,
): Promise<Outcome> {
  const earlyMs = message.dueAtMs - context.clock.now();
  if (earlyMs > 0) return { kind: "putOff", delayMs: earlyMs };
  const error = { code: "timeout", message: "it has taken longer than its workflow's timeout", path: "" };
  return stop(context, delivery, { ...message, kind: "stop", error, as: "failed" });
}

export async function drain(inv: Invocation, delivery: Delivery): Promise<Outcome> {
  const { log } = inv;
  const header = await log.header(inv.execution);
  if (header?.epoch !== inv.generation.epoch) return { kind: "acknowledge" };
  if (header.status !== "stopping") {
    await tellEnd(inv, header);
    return { kind: "acknowledge" };
  }
  const open = await closeOpen(inv, "", header.keep);
  if (open === "held") return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };
  const follows = { kind: "end" } as const;
  const undone = header.keep ? undefined : await undo(inv, { scope: "", follows });
  return outcomeOf(undone ?? (await inv.dispatch(inv, [follows], true)));
}
