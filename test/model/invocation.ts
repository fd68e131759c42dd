/** A message at work in its generation. */
import { type Edit, Generation } from "./generation.ts";
import { act, type Delivery, type Invocation, type Work } from "./work.ts";

/** The view in which a message works: its own epoch's, whatever the header says by now. */
export function* invocationAt(delivery: Delivery, epoch: number): Work<Invocation> {
  const { log, breaks } = delivery;
  const of = breaks("oldepochclaim") ? 0 : breaks("newestview") ? (log.headers.current?.epoch ?? 0) : epoch;
  const edits = of === 0 ? [] : yield* act(() => editsUpTo(log.edits, of));
  return { ...delivery, view: new Generation(epoch, edits), seen: new Set() };
}
export const editsUpTo = (edits: ReadonlyMap<number, Edit>, epoch: number): readonly Edit[] =>
  [...edits.values()].filter((edit) => edit.epoch <= epoch).sort((a, b) => b.epoch - a.epoch);
