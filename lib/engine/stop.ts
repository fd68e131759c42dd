/** Ending early, when somebody says so: a failure, a person, the time that the whole execution may take. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { type Context, type Invocation, unknownGraph } from "./context.ts";
import { drain } from "./drain.ts";
import { heal, nextGeneration } from "./redrive.ts";

export async function stop(context: Context, delivery: Delivery, message: EnvelopeOf<"stop">): Promise<Outcome> {
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  const { error, epoch, keep, as: ending } = message;
  const change = { epoch, from: ["running", "paused"], to: "stopping", error, ending } as const;
  await inv.log.turn(inv.execution, { ...change, ...(keep && { keep }) });
  if (!keep) return drain(inv, delivery);
  // What is being undone is undone no further.
  await inv.log.turn(inv.execution, { epoch, from: ["stopping"], to: "stopping", keep });
  if (await leavesStuck(inv, message)) return heal(context, delivery, { ...message, kind: "heal", epoch: epoch + 1 });
  return drain(inv, delivery);
}

/** By the next epoch, as a redrive does: of two who see to it at once, the one whose edit stands is followed. */
async function leavesStuck(inv: Invocation, { epoch, error, as }: EnvelopeOf<"stop">): Promise<boolean> {
  const header = await inv.log.header(inv.execution);
  if (header?.epoch === epoch && header.status === "stuck") {
    const ends = { as: header.ending ?? as, error: header.error ?? error };
    await nextGeneration(inv, header, { ends });
    return true;
  }
  // It may have died before it healed.
  return header?.epoch === epoch + 1;
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
