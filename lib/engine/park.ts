/** A step's message at an execution that is paused, is ending, or is a generation further. */
import type { Header } from "../kernel/record.ts";
import { type Invocation, notWhole, WHOLE, type Whole } from "./context.ts";
import type { Attempted } from "./setback.ts";

/** Resumed between a glance and the parking: soon the glance will see it. */
const GLANCE_MS = 1_000;

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
