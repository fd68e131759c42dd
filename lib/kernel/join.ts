/**
 * Joins. Members are collected in a set, never counted: arriving twice changes nothing. A set has at most 100 members,
 * so that a record stays small; more members form a tree, in which a full set arrives at the set above.
 */
import type { ParallelState, State, Tolerance } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { JoinRecord, StepError, ValueRef } from "./record.ts";

export const SET_SIZE = 100;

export interface Seat {
  /** The record of the set. */
  readonly key: string;
  readonly member: string;
  /** How many members make it full. */
  readonly of: number;
  /** The seat to take in the set above once this one is full; absent at the root. */
  readonly above?: Seat;
}

/** Where member `index` of `of` arrives. */
export function seatOf(path: string, index: number, of: number, level = 0): Seat {
  if (of <= SET_SIZE) return { key: rootKey(path), member: String(index), of };
  const group = Math.floor(index / SET_SIZE);
  return {
    key: `join/${path}#${level}.${group}`,
    member: String(index),
    of: Math.min(SET_SIZE, of - group * SET_SIZE),
    above: seatOf(path, group, Math.ceil(of / SET_SIZE), level + 1),
  };
}
const rootKey = (path: string) => `join/${path}`;

/** The sets that hold the members themselves. */
export function leafKeys(path: string, of: number): readonly string[] {
  if (of <= SET_SIZE) return [rootKey(path)];
  return Array.from({ length: Math.ceil(of / SET_SIZE) }, (_, group) => `join/${path}#0.${group}`);
}

export interface Arrival {
  readonly record: JoinRecord;
  readonly changed: boolean;
  readonly full: boolean;
}

export function arrive(record: JoinRecord | undefined, seat: Seat, output: ValueRef): Arrival {
  const members = record?.members ?? {};
  const changed = !Object.hasOwn(members, seat.member);
  const after = changed ? { ...members, [seat.member]: output } : members;
  const full = Object.keys(after).length === seat.of;
  return { record: changed || !record ? { kind: "join", members: after } : record, changed, full };
}

/** A parallel's branches by member. Not as they are written: the graph's hash does not tell their order. */
export const branchesByMember = (state: ParallelState): readonly string[] => Object.keys(state.branches).sort();

/** What a full join leaves behind: a parallel's outputs by branch, a map's in the order of its items. */
export function joinOutput(state: State, path: string, outputs: ReadonlyMap<number, Json>): Joined {
  if (state.kind === "map" && state.tolerate) return tolerated(state.tolerate, path, [...inOrder(outputs)]);
  return { output: plainOutput(state, outputs) };
}
export type Joined = { readonly output: Json } | { readonly error: StepError };

const inOrder = (outputs: ReadonlyMap<number, Json>): readonly Json[] =>
  [...outputs].sort(([a], [b]) => a - b).map(([, value]) => value);

/** Each arrived as `{ branch: "ok" | "failed", output }`. */
function tolerated(tolerance: Tolerance, path: string, arrived: readonly Json[]): Joined {
  const all = arrived as readonly { readonly branch: string; readonly output: Json }[];
  const failed = all.filter(({ branch }) => branch === "failed");
  const most = "count" in tolerance ? tolerance.count : tolerance.share * all.length;
  const results = all.map(({ branch, output }) =>
    branch === "failed" ? { ok: false, error: output } : { ok: true, output },
  );
  if (failed.length <= most) return { output: Object.freeze(results) };
  const first = failed[0]?.output as unknown as StepError | undefined;
  const message = `${failed.length} of ${all.length} items failed, at most ${Math.floor(most)} may; the first: ${first?.code}: ${first?.message}`;
  return { error: { code: "too_many_failures", message, path } };
}

function plainOutput(state: State, outputs: ReadonlyMap<number, Json>): Json {
  const at = (index: number): Json => {
    const value = outputs.get(index);
    if (value === undefined) throw new Error(`member ${index} of a full join has no output`);
    return value;
  };
  if (state.kind === "parallel") {
    const members = branchesByMember(state);
    return Object.freeze(Object.fromEntries(Object.keys(state.branches).map((b) => [b, at(members.indexOf(b))])));
  }
  return Object.freeze(Array.from({ length: outputs.size }, (_, i) => at(i)));
}
