/** An attempt that came to nothing: tried again after a while, in the end settled with its error. */
import { dispatch, fenced } from "./dispatch.ts";
import type { Effect } from "./effect.ts";
import { undoneBy } from "./graph.ts";
import type { Came } from "./handler.ts";
import { stepKey } from "./keys.ts";
import { routeFailure } from "./route.ts";
import { act, type Invocation, routing, send, type Visit, type Whole, type Work } from "./work.ts";

const MOST_FAILURES = 3;
const MOST_CRASHES = 3;

export interface Attempted {
  readonly visit: Visit;
  readonly fence: number | undefined;
  readonly came: Exclude<Came, "output"> | "crash";
}

export function* setBack(inv: Invocation, { visit, fence, came }: Attempted): Work<Whole> {
  const { log, view, random } = inv;
  const { path } = visit;
  const key = view.key(stepKey(path));
  const record = yield* act(() => log.steps.get(key));
  const counter = came === "crash" ? "crashes" : "failures";
  const count = (record?.[counter] ?? 0) + 1;
  if (came === "final error" || count >= (came === "crash" ? MOST_CRASHES : MOST_FAILURES)) {
    const next = givenUp(inv, visit);
    const declared = came === "final error";
    const settled = yield* act(() =>
      log.settle(key, fence, { by: inv.id, result: "error", declared, from: view.key(visit.by), next }),
    );
    return settled ? yield* dispatch(inv, next, false) : yield* fenced(inv, path);
  }
  if (came === "crash" && inv.breaks("crashuncounted")) {
    if (fence !== undefined) yield* act(() => log.release(key, fence));
  } else {
    const delay = 1 + random.below(4 * 2 ** count);
    const written = yield* act(() => log.setBack(key, fence, { counter, clock: inv.clock(), delay }));
    if (!written) return yield* fenced(inv, path);
    if (inv.breaks("retrydrops")) return true;
    yield* send([{ body: { kind: "step", epoch: view.epoch, ...visit }, delay }]);
    return true;
  }
  yield* send([{ body: { kind: "step", epoch: view.epoch, ...visit }, delay: 0 }]);
  return true;
}

/** What an undo step that has failed stands for is not undone: nothing that is to follow it follows. */
export function givenUp(inv: Invocation, { path, arrives }: Visit): readonly Effect[] {
  const by = stepKey(path);
  if (undoneBy(path) === undefined) return routeFailure(routing(inv, by), path);
  return arrives && inv.breaks("stuckends") ? [{ kind: "arrive", ...arrives, by }] : [{ kind: "stick", by }];
}
