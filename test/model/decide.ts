/** Decisions that stand by themselves. */
import type { Key } from "./keys.ts";
import type { Decision } from "./log.ts";
import { act, type Invocation, type Whole, type Work } from "./work.ts";

/** Put if absent; whoever comes second carries out what stands. */
export function* put(inv: Invocation, key: Key, make: () => Decision): Work<Whole> {
  const { log, view } = inv;
  if (inv.seen.has(key)) return true;
  inv.seen.add(key);
  const before = yield* act(() => log.decisions.get(view.key(key)));
  if (before) return yield* inv.dispatch(inv, before.next, true);
  const mine = yield* act(make);
  const answer = yield* act(() => log.decide(view.key(key), mine));
  return yield* inv.dispatch(inv, answer.standing.next, !answer.mine);
}
