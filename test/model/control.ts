/** The control queue's messages, but for redrive and heal. A client only ever sends them. */
import { returned, tellParent } from "./call.ts";
import { dispatch } from "./dispatch.ts";
import { invocationAt } from "./invocation.ts";
import { START } from "./keys.ts";
import type { Decision } from "./log.ts";
import type { ControlMessage } from "./queue.ts";
import { heal, redrive } from "./redrive.ts";
import { routeStart } from "./route.ts";
import { receiveClose } from "./scope.ts";
import { stop } from "./stop.ts";
import { signalled, timer } from "./waits.ts";
import { act, type Delivery, routing, send, type Whole, type Work } from "./work.ts";

type MessageOf<K extends ControlMessage["kind"]> = Extract<ControlMessage, { readonly kind: K }>;

export function* receiveControl(delivery: Delivery, body: ControlMessage): Work<Whole> {
  if (delivery.dead && delivery.breaks("deaddrops")) return true;
  switch (body.kind) {
    case "start":
      return yield* start(delivery);
    case "pause":
      return yield* pause(delivery, body as MessageOf<"pause">);
    case "resume":
      return yield* resume(delivery, body as MessageOf<"resume">);
    case "stop":
      return yield* stop(delivery, body);
    case "redrive":
      return yield* redrive(delivery, body);
    case "heal":
      return yield* heal(delivery, body.epoch);
    case "timer":
      return yield* timer(delivery, body);
    case "signal":
      return yield* signalled(delivery, body);
    case "close":
      return yield* receiveClose(delivery, body);
    case "returned":
      return yield* returned(delivery, body);
  }
}

/** A header that is there ends nothing: the rest is always done again, in the epoch that the header is in. */
function* start(delivery: Delivery): Work<Whole> {
  const { log } = delivery;
  const before = delivery.breaks("headerendsstart") ? yield* act(() => log.headers.current) : undefined;
  if (before) return true;
  const header = yield* act(() => log.headers.open());
  yield* tellParent(delivery, false); // it may have ended, and its parent not know
  const inv = yield* invocationAt(delivery, header.epoch);
  const mine: Decision = { next: routeStart(routing(inv, START)), closed: false };
  const { standing } = yield* act(() => log.decide(inv.view.key(START), mine));
  return yield* dispatch(inv, standing.next, true);
}

function* pause({ log }: Delivery, { epoch, turns, command }: MessageOf<"pause">): Work<Whole> {
  yield* act(() => log.turn({ epoch, from: ["running"], to: "paused", turns, command }));
  return true;
}

/** Not atomic: set running, list, then send each and delete it, if it is still the one that was listed. */
function* resume({ log, breaks }: Delivery, { epoch, turns, command }: MessageOf<"resume">): Work<Whole> {
  const turned = yield* act(() => log.turn({ epoch, from: ["paused"], to: "running", turns, command }));
  if (!turned && breaks("resumeonce")) return true;
  const header = yield* act(() => log.headers.current);
  if (header?.status !== "running" || header.epoch !== epoch) return true;
  const listed = yield* act(() => [...log.parked]);
  for (const [path, { id, body }] of listed) {
    if (breaks("deletebeforesend")) yield* act(() => log.unpark(path, id));
    yield* send([{ body, delay: 0 }]);
    yield* act(() => log.unpark(path, id));
  }
  return true;
}
