/** The control queue's messages, but for redrive and heal. A client only ever sends them. */
import { dispatch, invocationAt } from "./dispatch.ts";
import { reached } from "./frontier.ts";
import type { Decision } from "./log.ts";
import type { ControlMessage } from "./queue.ts";
import { heal, redrive } from "./redrive.ts";
import { decideKey, routeStart, START, stepKey } from "./route.ts";
import { act, type Delivery, type Invocation, send, type Whole, type Work } from "./work.ts";

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
  }
}

/** A header that is there ends nothing: the rest is always done again, in the epoch that the header is in. */
function* start(delivery: Delivery): Work<Whole> {
  const { log, graph, random } = delivery;
  const before = delivery.breaks("headerendsstart") ? yield* act(() => log.headers.current) : undefined;
  if (before) return true;
  const header = yield* act(() => log.headers.open());
  const inv = yield* invocationAt(delivery, header.epoch);
  const mine: Decision = { next: routeStart({ graph, random, by: START }), closed: false };
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

/** Stopping, drain, end. */
function* stop(delivery: Delivery, { epoch, as }: MessageOf<"stop">): Work<Whole> {
  const { log, breaks } = delivery;
  const from = breaks("stopwaits") ? (["running"] as const) : (["running", "paused"] as const);
  yield* act(() => log.turn({ epoch, from, to: "stopping", ending: as }));
  const header = yield* act(() => log.headers.current);
  if (header?.status !== "stopping" || header.epoch !== epoch) return true;
  const inv = yield* invocationAt(delivery, epoch);
  for (let open = !breaks("nodrain"); open; ) {
    const frontier = yield* closeFrontier(inv);
    if (frontier === "held" && !breaks("drainheld")) return false;
    open = frontier === "again" && !breaks("drainonce");
  }
  yield* act(() => log.turn({ epoch, from: ["stopping"], to: header.ending ?? as }));
  return true;
}

/** Closes what the log says is open, so that whoever comes late finds it settled with nothing to follow. */
function* closeFrontier(inv: Invocation): Work<"held" | "again" | "closed"> {
  const { log, view, breaks } = inv;
  const nothing: Decision = { next: [], closed: true };
  const open = yield* act(() => reached(log, view));
  let again = false;
  let held = false;
  if (!open.records.get(START) && !breaks("drainstart")) {
    yield* act(() => log.decide(view.key(START), nothing));
    again = true;
  }
  for (const path of open.openSteps) {
    const closed = yield* act(() => log.close(view.key(stepKey(path)), inv.clock()));
    if (closed === "settled") again = true; // meanwhile: what follows it is open now
    if (closed === "held") held = true;
  }
  for (const path of breaks("drainjoins") ? [] : open.openJoins) {
    const { mine } = yield* act(() => log.decide(view.key(decideKey(path)), nothing));
    if (!mine) again = true;
  }
  if (again) return "again";
  return held ? "held" : "closed";
}
