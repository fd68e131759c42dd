/**
 * Pausing and resuming, as control does it. What steps parked meanwhile is sent again, and what was to be closed and could
 * not be: while it is paused, nobody waits for what is parked.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { frontier } from "../kernel/frontier.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { type Context, unknownGraph } from "./context.ts";
import { closeMessage, stepMessage } from "./messages.ts";

/** Asked twice it is done once: the second time the header's turns are others. */
export async function pause({ log }: Context, { epoch, turns, ...of }: EnvelopeOf<"pause">): Promise<Outcome> {
  await log.turn(of, { epoch, turns, from: ["running"], to: "paused" });
  return { kind: "acknowledge" };
}

/** Delivered again it does the rest: what is listed is sent, and deleted unless a newer copy lies there. */
export async function resume(context: Context, delivery: Delivery, message: EnvelopeOf<"resume">): Promise<Outcome> {
  const { log, transport } = context;
  const { epoch, turns } = message;
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  await log.turn(inv.execution, { epoch, turns, from: ["paused"], to: "running" });
  const header = await log.header(inv.execution);
  if (header?.status !== "running" || header.epoch !== epoch) return { kind: "acknowledge" };
  const all = await log.list(inv.execution, { values: false });
  for (const parked of all.values()) {
    if (parked.kind !== "parked") continue;
    if (parked.epoch === epoch) await transport.send([stepMessage(inv, parked)]);
    await log.unpark(inv.execution, parked.path, parked.id);
  }
  for (const open of frontier(inv.generation.view(all)).undecided)
    if (open.kind === "close") await transport.send([closeMessage(inv, open)]);
  return { kind: "acknowledge" };
}
