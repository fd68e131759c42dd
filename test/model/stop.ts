/** Ending early: stopping, the drain, the undo plan, the end. */
import { tellParent } from "./call.ts";
import { put } from "./decide.ts";
import { carryUndosOn, drainInside } from "./drain.ts";
import type { Header } from "./headers.ts";
import { invocationAt } from "./invocation.ts";
import { planKey } from "./keys.ts";
import { planOf, stageEffects } from "./plan.ts";
import type { ControlMessage } from "./queue.ts";
import { redrive } from "./redrive.ts";
import { act, type Delivery, type Invocation, type Whole, type Work } from "./work.ts";

export function* stop(
  delivery: Delivery,
  { epoch, as, undo = true }: Extract<ControlMessage, { kind: "stop" }>,
): Work<Whole> {
  const { log, breaks } = delivery;
  const from = breaks("stopwaits") ? (["running"] as const) : (["running", "paused"] as const);
  yield* act(() => log.turn({ epoch, from, to: "stopping", ending: as, undo }));
  const header = yield* act(() => log.headers.current);
  const unsticks = header?.epoch === epoch ? header.status === "stuck" : header?.epoch === epoch + 1; // perhaps once more
  if (!undo && unsticks && !breaks("stuckturns")) return yield* redrive(delivery, { epoch, undo });
  if (!undo && breaks("stuckturns")) yield* act(() => log.turn({ epoch, from: ["stuck"], to: "stopping", undo }));
  if (header?.status !== "stopping" || header.epoch !== epoch) {
    yield* tellParent(delivery, false);
    return true;
  }
  const inv = yield* invocationAt(delivery, epoch);
  return yield* end(inv, header);
}

function* end(inv: Invocation, { undo = true, ending = "failed" }: Header): Work<Whole> {
  const { log, view, breaks } = inv;
  const root = planKey("");
  const planned = undo && (yield* act(() => log.decisions.has(view.key(root))));
  if (!breaks("nodrain")) {
    const silent = breaks("drainsilent") || !(planned || inv.message.receives <= 1 || inv.random.chance(0.2));
    if (undo && !silent) yield* carryUndosOn(inv);
    const drained = yield* drainInside(inv, "", undo);
    if (drained === "blocked") {
      yield* act(() => log.turn({ epoch: view.epoch, from: ["stopping"], to: "stuck" }));
      return true;
    }
    if (drained === "held" && !planned && !breaks("drainheld")) return false; // once planned, the undo steps carry it
  }
  if (undo && !breaks("noundo"))
    return yield* put(inv, root, () => {
      const stages = planOf(inv, "");
      return { next: stageEffects(stages, { scope: "", stage: 0, by: root }), closed: false, stages };
    });
  const turned = yield* act(() => log.turn({ epoch: view.epoch, from: ["stopping"], to: ending }));
  yield* tellParent(inv, turned !== undefined);
  return true;
}
