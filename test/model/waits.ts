/** Waits. The mailbox says whether a signal came in time; the decision that follows is put once and read back. */

import type { EffectOf } from "./effect.ts";
import { invocationAt } from "./invocation.ts";
import { decideKey } from "./keys.ts";
import type { Decision } from "./log.ts";
import type { Place } from "./mailbox.ts";
import type { ControlMessage } from "./queue.ts";
import { routeAfter, routeFailure } from "./route.ts";
import { act, type Delivery, type Invocation, routing, send, type Whole, type Work } from "./work.ts";

type MessageOf<K extends ControlMessage["kind"]> = Extract<ControlMessage, { readonly kind: K }>;
type Wait = EffectOf<"wait">;

const LONGEST_DELAY = 40;

export const placeOfWait = ({ view }: Invocation, { path }: Pick<Wait, "path">): Place => ({
  key: view.key(decideKey(path)),
  path,
});

export function* beginWait(inv: Invocation, wait: Wait): Work<Whole> {
  const { log, view, clock } = inv;
  const { signal } = wait;
  const place = placeOfWait(inv, wait);
  const id = signal === undefined ? undefined : yield* act(() => log.mailbox(signal).wait(place));
  if (signal !== undefined && id !== undefined) return yield* answered(inv, wait, { id, signal });
  const stands = yield* act(() => log.decisions.has(place.key));
  const delay = Math.min(LONGEST_DELAY, Math.max(0, wait.due - clock()));
  if (!stands) yield* send([{ body: { kind: "timer", epoch: view.epoch, wait }, delay }]);
  return true;
}

export function* timer(delivery: Delivery, { epoch, wait }: MessageOf<"timer">): Work<Whole> {
  const inv = yield* invocationAt(delivery, epoch);
  const { log, breaks, clock, view } = inv;
  const { signal, path, by, due } = wait;
  if (clock() < due && !breaks("timerearly")) {
    if (!breaks("timeronce"))
      yield* send([{ body: delivery.message.body, delay: Math.min(LONGEST_DELAY, due - clock()) }]);
    return true;
  }
  const place = placeOfWait(inv, wait);
  if (signal !== undefined && !breaks("timeoutignores")) {
    const id = yield* act(() => log.mailbox(signal).leave(place));
    if (id !== undefined) return yield* answered(inv, wait, { id, signal });
  }
  const about = routing(inv, decideKey(path));
  const next = signal === undefined ? routeAfter(about, path) : routeFailure(about, path);
  return yield* decided(inv, place, { next, closed: false, due, members: new Map([[0, view.key(by)]]) });
}

/** A signal for whoever waits, or will. */
export function* signalled(delivery: Delivery, { name, id }: MessageOf<"signal">): Work<Whole> {
  const { log } = delivery;
  const place = yield* act(() => log.mailbox(name).receive(id));
  if (!place) return true;
  const header = yield* act(() => log.headers.current);
  const inv = yield* invocationAt(delivery, header?.epoch ?? 0);
  if (inv.view.key(decideKey(place.path)) !== place.key) {
    yield* act(() => log.mailbox(name).forget(place)); // a generation that has ended had it
    return true;
  }
  return yield* answered(inv, place, { id, signal: name });
}

/** The signal is the wait's: whoever finds it so goes on with it, and only then is it forgotten. */
export function* answered(
  inv: Invocation,
  { path }: { readonly path: string },
  { id, signal }: { readonly id: string; readonly signal: string },
): Work<Whole> {
  const { log, breaks } = inv;
  const place = placeOfWait(inv, { path });
  const next = routeAfter(routing(inv, decideKey(path)), path);
  if (breaks("forgetsearly")) yield* act(() => log.mailbox(signal).forget(place));
  const whole = yield* decided(inv, place, { next, closed: false, signal: id });
  if (whole) yield* act(() => log.mailbox(signal).forget(place));
  return whole;
}

function* decided(inv: Invocation, place: Place, mine: Decision): Work<Whole> {
  const { log } = inv;
  const key = decideKey(place.path);
  if (inv.seen.has(key)) return true;
  inv.seen.add(key);
  const answer = yield* act(() => log.decide(place.key, mine));
  return yield* inv.dispatch(inv, answer.standing.next, !answer.mine);
}
