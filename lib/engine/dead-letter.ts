/**
 * A step's message that came to nothing too often is a message like any other: nothing is dropped. What the log says of
 * its step decides.
 */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { stepKey } from "../kernel/record.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { type Context, mayRun, outcomeOf, unknownGraph } from "./context.ts";
import { walkOn } from "./go-on.ts";
import { nodeAt } from "./messages.ts";
import { turnAway } from "./park.ts";
import { setBack } from "./setback.ts";

export async function receiveDeadStep(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"step">,
): Promise<Outcome> {
  const { clock, limits } = context;
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  const { log } = inv;
  const { path } = message;
  const node = nodeAt(inv, path);
  const record = await log.read(inv.execution, stepKey(path));
  if (record?.kind === "step" && record.status === "settled")
    return outcomeOf(await walkOn(inv, stepKey(path), record));
  const startedAtMs = clock.now();
  const request = { node: node.name, nowMs: startedAtMs, leaseMs: node.timeoutMs, skewMs: limits.skewMs };
  const claim = node.repeatable ? undefined : await log.claim(inv.execution, path, request);
  if (claim?.kind === "settled") return outcomeOf(await walkOn(inv, stepKey(path), claim.record));
  if (claim?.kind === "held") return { kind: "putOff", delayMs: Math.max(1, claim.untilMs - startedAtMs) };
  const attempted = {
    visit: message,
    node,
    holder: claim ? claim.record.fence : ("repeatable" as const),
    startedAtMs,
    attempt: message.attempt,
  };
  const header = await inv.header();
  if (!mayRun(inv, message.bind, header)) return outcomeOf(await turnAway(inv, attempted, header));
  const came = { kind: "crashed", message: `its message was delivered ${delivery.receives} times to no end` } as const;
  return outcomeOf(await setBack(inv, attempted, came));
}
