/** Carries out what a record says comes next. Every effect is idempotent, so a list may be dispatched again from its start. */
import { emittedEventId, printExecution } from "../contract/ids.ts";
import { type Effect, type EffectOf, stepKey } from "../kernel/record.ts";
import type { OutMessage } from "../ports/transport.ts";
import { placeCall } from "./calls.ts";
import { close, isLeft, leave } from "./closing.ts";
import { AFTER_ATTEMPT_MS, bothWhole, type Invocation, type Visit, WHOLE, type Whole } from "./context.ts";
import { Values } from "./decide.ts";
import { endStopped, getStuck, succeed } from "./ends.ts";
import { atRestOr } from "./go-on.ts";
import { arriveAt } from "./joins.ts";
import { deadlineMessage, nodeAt, stepMessage, stopMessage } from "./messages.ts";
import { beginWait } from "./waits.ts";

/** What one list of effects comes to. */
interface Gathered {
  readonly sends: OutMessage[];
  readonly inline: Visit[];
}

/** @param again it may have been dispatched before, wholly or in part */
export async function dispatch(inv: Invocation, next: readonly Effect[], again: boolean): Promise<Whole> {
  const gathered: Gathered = { sends: [], inline: [] };
  const riding: Whole[] = [];
  for (const effect of next) riding.push(await carryOut(inv, effect, { again, ...gathered }));
  const { sends, inline } = gathered;
  if (sends.length > 0) await inv.context.transport.send(sends);
  if (inline.length > 0) {
    await inv.log.sync(); // on disk before the next step begins
    riding.push(...(await Promise.all(inline.map((visit) => inv.step(inv, visit)))));
  }
  return bothWhole(riding);
}

async function carryOut(
  inv: Invocation,
  effect: Effect,
  { again, ...to }: Gathered & { readonly again: boolean },
): Promise<Whole> {
  if ("copied" in effect) return WHOLE;
  switch (effect.kind) {
    case "step":
      await placeStep(inv, effect, again, to);
      return WHOLE;
    case "arrive":
      return arriveAt(inv, effect, again);
    case "wait":
      return beginWait(inv, effect, again);
    case "call":
      return placeCall(inv, effect, again);
    case "leave":
      if (effect.from !== undefined && (await isLeft(inv, effect.from, effect.scope))) return WHOLE;
      return leave(inv, effect);
    case "close":
      return close(inv, effect);
    case "emit":
      await emit(inv, effect);
      return WHOLE;
    case "deadline":
      to.sends.push(deadlineMessage(inv, effect));
      return WHOLE;
    case "succeed":
      await succeed(inv, effect.output);
      return WHOLE;
    case "fail":
      if (!(await isLeft(inv, effect.from ?? effect.error.path))) to.sends.push(stopMessage(inv, effect.error));
      return WHOLE;
    case "stuck":
      await getStuck(inv, effect);
      return WHOLE;
    case "end":
      await endStopped(inv);
      return WHOLE;
  }
}

/** Queued: to its queue. Inline: into this invocation, also when settled, for what follows it rides on this message. */
async function placeStep(
  inv: Invocation,
  effect: EffectOf<"step">,
  again: boolean,
  { sends, inline }: Gathered,
): Promise<void> {
  const { path, bind } = effect;
  const { inline: declared, timeoutMs } = nodeAt(inv, path);
  // What undoes another runs by itself, with a queue's retries.
  const mayRide = declared && !bind.undo;
  // Too little time is left for it here: it gets an invocation of its own.
  const hurry = inv.context.clock.now() + timeoutMs + AFTER_ATTEMPT_MS > inv.deadlineMs;
  // A settled queued step's carrier is still in a queue: sending again would only ripple down the chain.
  const settled = (again || (mayRide && hurry)) && (await isSettled(inv, path));
  if (mayRide && (!hurry || settled)) inline.push({ path, bind, attempt: 1 });
  else if (!settled) sends.push(stepMessage(inv, { path, bind, attempt: 1 }));
}

async function isSettled(inv: Invocation, path: string): Promise<boolean> {
  const record = await atRestOr(inv, stepKey(path));
  return record?.kind === "step" && record.status === "settled";
}

async function emit(inv: Invocation, effect: EffectOf<"emit">): Promise<void> {
  const { bus, clock } = inv.context;
  const spec = inv.program.graph.events[effect.event];
  const data = await new Values(inv).load(effect.data);
  if (!spec || data === undefined) throw new Error(`the event ${effect.event} at ${effect.path} is not in the log`);
  const origin = { execution: printExecution(inv.execution), path: effect.path, epoch: effect.epoch ?? 0 };
  const { source, type, version } = spec;
  const time = new Date(clock.now()).toISOString();
  await bus.put([{ id: emittedEventId(origin), source, type, version, time, data }]);
}
