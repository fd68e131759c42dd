/** Control messages of single states: a time that is over, a signal, a called execution's end, a scope to be closed. */
import type { EnvelopeOf } from "../contract/envelope.ts";
import { printExecution } from "../contract/ids.ts";
import { isPawlError } from "../errors.ts";
import { keyAt } from "../kernel/generation.ts";
import { decideKey, hasEnded } from "../kernel/record.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Json } from "../model/json.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { invocationOf } from "./attempt.ts";
import { comeBack } from "./calls.ts";
import { closeScope } from "./closing.ts";
import { type Context, type Invocation, outcomeOf, unknownGraph } from "./context.ts";
import { decideAfter } from "./decide.ts";
import { tellEnd } from "./ends.ts";
import { goOnAt } from "./go-on.ts";
import { outlived } from "./lifetime.ts";
import { signalData } from "./signals.ts";
import { stop } from "./stop.ts";
import { answered, timeOut } from "./waits.ts";

const DONE: Outcome = { kind: "acknowledge" };
/** A start may still be under way. */
const NOT_STARTED_MS = 60_000;
const LONGEST_PAUSE_MS = 20_000;
const AGAIN_MS = 1_000;

export async function receiveTimer(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"timer">,
): Promise<Outcome> {
  const { path, bind, signal, dueAtMs } = message;
  const earlyMs = dueAtMs - context.clock.now();
  if (earlyMs > 0) return { kind: "putOff", delayMs: earlyMs };
  const tooLate = outlived(context, message);
  if (tooLate) return stop(context, delivery, { ...message, kind: "stop", error: tooLate, as: "failed" });
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  if (!(await goesOn(inv))) return DONE;
  // What a signal has decided is carried on by the signal's message; all else by this one, or a copy of it.
  const standing = signal === undefined ? undefined : await inv.log.read(inv.execution, decideKey(path));
  if (standing?.kind === "decision" && standing.output !== undefined) return DONE;
  if (signal === undefined) return outcomeOf(await goOnAt(inv, path, (key) => decideAfter(inv, { key }, path, bind)));
  const place = inv.generation.place(decideKey(path));
  const answer = await inv.log.mail(inv.execution, signal, { kind: "leave", place });
  return outcomeOf(
    await (answer.kind === "assigned" ? answered(inv, signal, answer) : timeOut(inv, { path, bind, signal })),
  );
}

export async function receiveSignal(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"signal">,
): Promise<Outcome> {
  const { signal, signalId } = message;
  const header = await context.log.header(message);
  if (!header) {
    if (context.clock.now() < delivery.sentAtMs + NOT_STARTED_MS)
      return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };
    return { kind: "bury", reason: `unknown_execution: there is no execution ${printExecution(message)}` };
  }
  const inv = await invocationOf(context, delivery, header);
  if (!inv) return unknownGraph(context, delivery, header.graph);
  let data: Json;
  try {
    data = signalData(inv.program, message);
  } catch (error) {
    if (!isPawlError(error)) throw error;
    return { kind: "bury", reason: `${error.code}: ${error.message}` };
  }
  const answer = await inv.log.mail(inv.execution, signal, { kind: "receive", id: signalId, data });
  if (answer.kind === "full") return { kind: "putOff", delayMs: LONGEST_PAUSE_MS };
  if (answer.kind !== "assigned") return DONE;
  // Redriven since its header was read: who waits does so in the generation that holds now.
  if (inv.generation.place(keyAt(answer.place)) !== answer.place) return { kind: "putOff", delayMs: AGAIN_MS };
  return outcomeOf(await answered(inv, signal, answer));
}

export async function receiveReturned(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"returned">,
): Promise<Outcome> {
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  if (!(await goesOn(inv))) return DONE;
  return outcomeOf(await comeBack(inv, message, message));
}

export async function receiveClose(
  context: Context,
  delivery: Delivery,
  message: EnvelopeOf<"close">,
): Promise<Outcome> {
  const inv = await invocationOf(context, delivery, message);
  if (!inv) return unknownGraph(context, delivery, message.graph);
  if (!(await goesOn(inv))) return DONE;
  // One that is ending closes what is open by itself, and one that is stuck sends this again when it goes on.
  const status = (await inv.log.header(inv.execution))?.status;
  if (status !== "running" && status !== "paused") return DONE;
  const { scope, how, bind } = message;
  const closed = await closeScope(inv, { kind: "close", scope, how, bind });
  // What it waits for may be parked, for as long as nobody resumes it: then this is sent again.
  if (closed === "held" && status === "paused") return DONE;
  if (closed === "held") return { kind: "putOff", delayMs: lookAgainMs(delivery.receives, LONGEST_PAUSE_MS) };
  return outcomeOf(closed);
}

/** One that is ending closes by itself what is open; what it has left is heard all the same. */
async function goesOn(inv: Invocation): Promise<boolean> {
  const header = await inv.log.header(inv.execution);
  if (header?.epoch !== inv.generation.epoch) return false;
  // By what this message has led to, perhaps, and whoever carried it died before it told.
  await tellEnd(inv, header);
  return !hasEnded(header);
}
