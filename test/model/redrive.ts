/**
 * A new generation of an execution that has ended. Each part can be done again by whoever takes the message up after a
 * crash: the edit is put if absent, the header turns once, the heal is harmless.
 */
import { dispatch } from "./dispatch.ts";
import { type Asked, nextEdit } from "./edit.ts";
import { reached } from "./frontier.ts";
import { Generation } from "./generation.ts";
import { hasEnded } from "./headers.ts";
import { editsUpTo, invocationAt } from "./invocation.ts";
import { START } from "./keys.ts";
import { act, type Delivery, type Invocation, send, type Whole, type Work } from "./work.ts";

/** Also the way out of what is stuck, with `undo` false too: two ways would go by two edits. */
export function* redrive(delivery: Delivery, message: Asked): Work<Whole> {
  const { log, breaks } = delivery;
  const { epoch } = message;
  const header = yield* act(() => log.headers.current);
  if (!header || header.epoch > epoch + 1) return true;
  if (header.epoch <= epoch) {
    const stuck = header.status === "stuck";
    if (header.epoch < epoch || !(hasEnded(header) || stuck || breaks("redriverunning"))) return true;
    const to = stuck ? "stopping" : "running";
    const turn = (undo = true) => log.turn({ epoch, from: [header.status], to, undo, raise: true });
    if (breaks("editlate")) yield* act(turn);
    const inv = yield* invocationAt(delivery, epoch);
    const edit = yield* act(() => nextEdit(inv, message));
    const standing = yield* act(() => log.edit(edit));
    yield* act(() => turn(standing.undo));
  }
  return breaks("redrivesends") ? true : yield* heal(delivery, epoch + 1);
}

/** From the log alone: carries out all recorded decisions again. What is done already stays as it is. */
export function* heal(delivery: Delivery, epoch: number): Work<Whole> {
  const { log, breaks } = delivery;
  const header = yield* act(() => log.headers.current);
  if (!header || header.epoch !== epoch || hasEnded(header) || header.status === "stuck") return true;
  if (header.status === "stopping") {
    const as = header.ending ?? "failed";
    if (!breaks("healstopping")) yield* send([{ body: { kind: "stop", epoch, as }, delay: 0 }]);
    return true;
  }
  const inv: Invocation = { ...(yield* invocationAt(delivery, epoch)), hurry: true };
  const { records } = yield* act(() => reached(log, inv.view));
  const decided = breaks("healshallow") ? [records.get(START)] : records.values();
  let whole = true;
  for (const next of decided) if (next) whole = (yield* dispatch(inv, next, true)) && whole;
  return whole;
}

export const generationAt = (log: Invocation["log"], epoch: number): Generation =>
  new Generation(epoch, editsUpTo(log.edits, epoch));
