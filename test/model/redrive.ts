/**
 * A new generation of an execution that has ended. Each part can be done again by whoever takes the message up after a
 * crash: the edit is put if absent, the header turns once, the heal is harmless.
 */
import { dispatch, editsUpTo, invocationAt } from "./dispatch.ts";
import { reached } from "./frontier.ts";
import { type Edit, Generation } from "./generation.ts";
import { outputStands } from "./handler.ts";
import { hasEnded } from "./headers.ts";
import type { ControlMessage } from "./queue.ts";
import { decideKey, type Effect, joinKey, type Key, START, stepKey } from "./route.ts";
import { act, type Delivery, type Invocation, send, type Whole, type Work } from "./work.ts";

type Redrive = Extract<ControlMessage, { readonly kind: "redrive" }>;

export function* redrive(delivery: Delivery, message: Redrive): Work<Whole> {
  const { log, breaks } = delivery;
  const { epoch } = message;
  const header = yield* act(() => log.headers.current);
  if (!header || header.epoch > epoch + 1) return true;
  if (header.epoch <= epoch) {
    if (header.epoch < epoch || !(hasEnded(header) || breaks("redriverunning"))) return true;
    const turn = () => log.turn({ epoch, from: [header.status], to: "running", raise: true });
    if (breaks("editlate")) yield* act(turn);
    const inv = yield* invocationAt(delivery, epoch);
    const edit = yield* act(() => nextEdit(inv, message));
    yield* act(() => log.edit(edit));
    yield* act(turn);
  }
  return breaks("redrivesends") ? true : yield* heal(delivery, epoch + 1);
}

/** From the log alone: carries out all recorded decisions again. What is done already stays as it is. */
export function* heal(delivery: Delivery, epoch: number): Work<Whole> {
  const { log, breaks } = delivery;
  const header = yield* act(() => log.headers.current);
  if (!header || header.epoch !== epoch || hasEnded(header)) return true;
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

/** Void is what failed, what was closed, and with `from` that step and all that it led to. */
function nextEdit(inv: Invocation, { epoch, from }: Redrive): Edit {
  const { log, view, breaks } = inv;
  const { records } = reached(log, view);
  const isVoid = new Set<Key>();
  for (const [key, next] of records) {
    const step = log.steps.get(view.key(key));
    const closed = step?.result === "closed" || log.decisions.get(view.key(key))?.closed;
    const failed = next?.some(({ kind }) => kind === "fail");
    if ((closed && !breaks("keepsclosed")) || (failed && !breaks("keepsfail"))) isVoid.add(key);
  }
  const rerun = from === undefined ? new Set<Key>() : ledTo(inv, records, stepKey(from));
  const paths = [...rerun].filter((key) => key.startsWith("step/")).map((key) => key.slice("step/".length));
  const anew = paths.filter((path) => outputStands(inv, path));
  return { epoch: epoch + 1, void: new Set([...isVoid, ...rerun]), anew: new Set(anew) };
}

function ledTo({ breaks }: Invocation, records: ReadonlyMap<Key, readonly Effect[] | undefined>, from: Key): Set<Key> {
  const found = new Set([from]);
  for (const key of found)
    for (const effect of records.get(key) ?? []) {
      if (effect.kind === "step") found.add(stepKey(effect.path));
      if (effect.kind !== "arrive") continue;
      found.add(decideKey(effect.path));
      if (!breaks("keepsets")) found.add(joinKey(effect.path));
    }
  return found;
}

export const generationAt = (log: Invocation["log"], epoch: number): Generation =>
  new Generation(epoch, editsUpTo(log.edits, epoch));
