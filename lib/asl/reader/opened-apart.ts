/**
 * A Map with a reader is opened by a decision of its own, at the control function: were it read in the one that settles
 * the step before, a read that is slow or refused would have that step run once more.
 */
import type { State } from "../../model/graph.ts";
import { hidden, segmentOf } from "../names.ts";

/** @param made the Map, and what may stand beside it */
export function openedApart(name: string, made: Readonly<Record<string, State>>): Readonly<Record<string, State>> {
  const [segment, items] = [segmentOf(name), hidden(name, "items")];
  const { [segment]: map, ...others } = made;
  return { [segment]: { kind: "wait", forMs: 0, next: items }, ...(map && { [items]: map }), ...others };
}
