/** Calls: the child is an execution of its own, named after the record in which its end is decided. */

import { put } from "./decide.ts";
import type { EffectOf } from "./effect.ts";
import { childName } from "./executions.ts";
import { stateAt } from "./graph.ts";
import { type Ended, hasEnded } from "./headers.ts";
import { invocationAt } from "./invocation.ts";
import { decideKey } from "./keys.ts";
import type { ControlMessage } from "./queue.ts";
import { routeAfter, routeFailure } from "./route.ts";
import {
  act,
  type Delivery,
  type Invocation,
  type Out,
  type Parts,
  routing,
  send,
  type Whole,
  type Work,
} from "./work.ts";

type Call = EffectOf<"call">;
type Returned = Extract<ControlMessage, { readonly kind: "returned" }>;

function childOf(inv: Invocation, { path, detached }: Call): Parts {
  const { executions, graph, view, name } = inv;
  const place = inv.breaks("samechild") ? decideKey(path) : view.key(decideKey(path));
  const state = stateAt(graph, path);
  if (state.kind !== "call") throw new Error(`no call at ${path}`);
  const own = inv.breaks("childtwice") ? `#${inv.id}` : "";
  return executions.ensure(childName(name, place) + own, state.child, detached ? undefined : { name, path, place });
}

const startOfChild = (inv: Invocation, call: Call): Out => ({
  to: childOf(inv, call).name,
  body: { kind: "start" },
  delay: 0,
});

/** In a drain: cancelled, and waited for. It may not have begun: then it begins, and is cancelled. */
export function* askChild(inv: Invocation, call: Call): Work<"closed" | "again" | "held"> {
  const { log, view, breaks } = inv;
  const key = view.key(decideKey(call.path));
  const child = childOf(inv, call);
  const header = yield* act(() => child.log.headers.current);
  if (breaks("cancelstays") || (!header && breaks("cancelunborn"))) {
    yield* act(() => log.decide(key, { next: [], closed: true }));
    return "closed";
  }
  if (header && hasEnded(header)) {
    const about = routing(inv, decideKey(call.path));
    const succeeded = header.status === "succeeded";
    const next = succeeded ? routeAfter(about, call.path) : [];
    yield* act(() => log.decide(key, { next, closed: !succeeded, child: { name: child.name, succeeded } }));
    return "again";
  }
  const epoch = header?.epoch ?? 0;
  const { name: to } = child;
  const cancel: Out = { to, body: { kind: "stop", epoch, as: "cancelled" }, delay: 0 };
  if (inv.message.receives <= 1 || inv.random.chance(0.2)) yield* send([startOfChild(inv, call), cancel]);
  return "held";
}

/** Sent by whoever carries out an end, whether or not it was the one to turn the header. */
export function* tellParent({ log, parent, breaks }: Delivery, mine: boolean): Work<void> {
  if (!parent || (!mine && breaks("returnedonce"))) return;
  const header = yield* act(() => log.headers.current);
  if (!header || !hasEnded(header)) return;
  const { name, path, place } = parent;
  yield* send([{ to: name, body: { kind: "returned", path, place, as: header.status as Ended }, delay: 0 }]);
}

export function* returned(delivery: Delivery, { path, place, as }: Returned): Work<Whole> {
  const { log, name, breaks } = delivery;
  const header = yield* act(() => log.headers.current);
  const inv = yield* invocationAt(delivery, header?.epoch ?? 0);
  const key = decideKey(path);
  // The child is the one of the place; an older generation's has nothing to say here.
  if (inv.view.key(key) !== place && !breaks("returnedany")) return true;
  const about = routing(inv, key);
  const succeeded = as === "succeeded" || breaks("childfailure");
  return yield* put(inv, key, () => ({
    next: succeeded ? routeAfter(about, path) : routeFailure(about, path),
    closed: false,
    child: { name: childName(name, place), succeeded },
  }));
}

export function* beginCall(inv: Invocation, call: Call): Work<void> {
  const { log, view } = inv;
  const stands = yield* act(() => log.decisions.has(view.key(decideKey(call.path))));
  if (!stands) yield* send([startOfChild(inv, call)]);
}
