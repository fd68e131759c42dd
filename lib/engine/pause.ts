/** Pausing: steps that come to a paused execution are parked in its log, and sent again when it is resumed. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import type { Header } from "../kernel/record.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { type Context, type Invocation, notWhole, unknownGraph, WHOLE, type Whole } from "./context.ts";
import { stepMessage } from "./dispatch.ts";
import type { Attempted } from "./setback.ts";

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
  for (const parked of (await log.list(inv.execution)).values()) {
    if (parked.kind !== "parked") continue;
    if (parked.epoch === epoch) await transport.send([stepMessage(inv, parked)]);
    await log.unpark(inv.execution, parked.path, parked.id);
  }
  return { kind: "acknowledge" };
}

/** Resumed between a glance and the parking: soon the glance will see it. */
const GLANCE_MS = 1_000;

/** A step's message at an execution that is paused, is ending, or is a generation further. */
export async function turnAway(inv: Invocation, of: Attempted, header: Header | undefined): Promise<Whole> {
  const { log, context } = inv;
  const { path, bind } = of.visit;
  // Before it is parked: a resumed copy must not find a claim whose holder is about to leave.
  if (of.holder !== "repeatable") await log.release(inv.execution, path, of.holder);
  if (header?.status !== "paused" || header.epoch !== inv.generation.epoch) return WHOLE;
  const id = context.clock.random().toString(36).slice(2);
  const { epoch } = header;
  const parked = await log.park(inv.execution, { kind: "parked", id, epoch, path, bind, attempt: of.visit.attempt });
  return parked ? WHOLE : notWhole(GLANCE_MS);
}
