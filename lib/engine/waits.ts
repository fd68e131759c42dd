/** Waiting for a time or for a signal, whichever comes first. What comes second finds the decision and goes away. */
import { keyAt } from "../kernel/generation.ts";
import type { MailAnswer } from "../kernel/mailbox.ts";
import { decideKey, type EffectOf } from "../kernel/record.ts";
import { type Invocation, WHOLE, type Whole } from "./context.ts";
import { decideAfter, decideFailed } from "./decide.ts";
import { earlierDecision, goOnAt, goOnWith } from "./go-on.ts";
import { timerMessage } from "./messages.ts";

/** Registers for the signal, which may lie there already, and has itself woken when the time is over. */
export async function beginWait(inv: Invocation, effect: EffectOf<"wait">, again: boolean): Promise<Whole> {
  const { path, bind, signal } = effect;
  const key = decideKey(path);
  const standing = again ? await inv.log.read(inv.execution, key) : undefined;
  if (standing?.kind === "decision") return goOnAt(inv, path, () => decideAfter(inv, { key }, path, bind));
  const earlier = await earlierDecision(inv, key);
  if (earlier && (signal === undefined || earlier.output !== undefined)) return goOnWith(inv, effect, earlier.output);
  const timer = timerMessage(inv, key, effect);
  if (signal === undefined) return send(inv, timer);
  const place = inv.generation.place(key);
  const answer = await inv.log.mail(inv.execution, signal, { kind: "wait", place, bind });
  if (answer.kind === "assigned") return answered(inv, signal, answer);
  if (answer.kind === "waiting") return send(inv, timer);
  return timeOut(inv, { path, bind, signal }); // left before
}

async function send(inv: Invocation, timer: ReturnType<typeof timerMessage>): Promise<Whole> {
  await inv.context.transport.send([timer]);
  return WHOLE;
}

/**
 * The signal is this wait's: its decision and what follows, and then the mailbox need not keep it any longer. Before that
 * its message, delivered again, still has to find whose it is.
 */
export async function answered(
  inv: Invocation,
  signal: string,
  { place, bind, data }: Extract<MailAnswer, { kind: "assigned" }>,
): Promise<Whole> {
  const path = pathAt(place);
  const whole = await goOnWith(inv, { path, bind }, data);
  if (whole.whole) await inv.log.mail(inv.execution, signal, { kind: "forget", place });
  return whole;
}

/** Nobody gave the signal in time. */
export const timeOut = (
  inv: Invocation,
  { path, bind, signal }: Pick<EffectOf<"wait">, "path" | "bind"> & { readonly signal: string },
): Promise<Whole> =>
  goOnAt(inv, path, (key) =>
    decideFailed(inv, { key }, { code: "timeout", message: `no signal '${signal}' came in time`, path }, bind),
  );

const pathAt = (place: string): string => keyAt(place).slice(decideKey("").length);
