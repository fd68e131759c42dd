/** How an execution ends, or comes to stand still. */
import { type EffectOf, type Header, hasEnded, type ValueRef } from "../kernel/record.ts";
import { tellParent } from "./calls.ts";
import type { Invocation } from "./context.ts";
import { tellFreed } from "./freed.ts";

export async function succeed(inv: Invocation, output: ValueRef): Promise<void> {
  const { epoch } = inv.generation;
  const endedAtMs = inv.context.clock.now();
  // Paused: nothing is left to be held back.
  await end(inv, { epoch, from: ["running", "paused"], to: "succeeded", endedAtMs, output });
}

/** Drained and undone: it ends as whoever stopped it said. */
export async function endStopped(inv: Invocation): Promise<void> {
  const { epoch } = inv.generation;
  const header = await inv.log.header(inv.execution);
  const endedAtMs = inv.context.clock.now();
  await end(inv, { epoch, from: ["stopping"], to: header?.ending ?? "failed", endedAtMs });
}

async function end(inv: Invocation, change: Parameters<Invocation["log"]["turn"]>[1]): Promise<void> {
  const turned = await inv.log.turn(inv.execution, change);
  if (turned) inv.context.ended(turned);
  // Whoever turned it may have died before it told.
  const header = turned ?? (await inv.log.header(inv.execution));
  if (header?.epoch === inv.generation.epoch) await tellEnd(inv, header);
}

/** Tells those who wait for its end: who called it, and who is next for its key. Told again, it does no harm. */
export async function tellEnd(inv: Invocation, header: Header): Promise<void> {
  if (!hasEnded(header)) return;
  await tellParent(inv, header);
  await tellFreed(inv.context, header);
}

/** Nothing more is undone, and nothing more begins, until a person has seen to it. */
export async function getStuck(inv: Invocation, { error }: EffectOf<"stuck">): Promise<void> {
  const { epoch } = inv.generation;
  const from = ["running", "paused", "stopping"] as const;
  const header = await inv.log.turn(inv.execution, { epoch, from, to: "stuck", stuck: error });
  if (header) inv.context.ended(header);
}

/** What waits for an end waits no longer for one that is stuck. */
export const isAtRest = (header: Pick<Header, "status">): boolean => hasEnded(header) || header.status === "stuck";
