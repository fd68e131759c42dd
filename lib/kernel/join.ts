/**
 * Joins. Members are collected in a set, never counted: arriving twice changes nothing. A set has at most 100 members,
 * so that a record stays small; more members form a tree, in which a full set arrives at the set above.
 */
import type { ParallelState, State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import type { JoinRecord, StepError, ValueRef } from "./record.ts";
import { branchRef } from "./ref.ts";

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
/** The set that is full when all have arrived. */
export const rootKey = (path: string): string => `join/${path}`;

/** How many levels of sets there are below the root. */
export const levelsOf = (of: number): number => (of <= SET_SIZE ? 0 : 1 + levelsOf(Math.ceil(of / SET_SIZE)));

/** The sets of a level: those of level 0 hold the members themselves. */
export function setKeys(path: string, of: number, level = 0): readonly string[] {
  if (level === levelsOf(of)) return [rootKey(path)];
  const seats = Math.ceil(of / SET_SIZE ** level);
  return Array.from({ length: Math.ceil(seats / SET_SIZE) }, (_, group) => `join/${path}#${level}.${group}`);
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

/** What an item that a map tolerates arrives with. */
export const FAILED_ITEM = "failed";
/** What a full set arrives with at the set above: how many failed in it, and where the rest of it lies. */
export const setRef = (failed: number, lies: ValueRef): ValueRef => branchRef(String(failed), lies);

/** How many of those in a set, or in the sets below it, are failed items. */
export function failedIn(state: State, { members }: JoinRecord): number {
  if (state.kind !== "map" || !state.tolerate) return 0;
  let failed = 0;
  for (const ref of Object.values(members)) failed += failedAt(ref);
  return failed;
}

/** The first that failed, or the set in which the first of them is to be looked for. */
export function failedMember(state: State, { members }: JoinRecord): readonly [number, ValueRef] | undefined {
  // An object has keys that are numbers in their order, however they were put.
  for (const [member, ref] of Object.entries(members))
    if (failedIn(state, { kind: "join", members: { of: ref } }) > 0) return [Number(member), ref];
  return undefined;
}

function failedAt(ref: ValueRef): number {
  const [label] = ref.split("?", 1);
  return label === FAILED_ITEM ? 1 : Number(label) || 0;
}

export interface Joining {
  readonly state: State;
  readonly path: string;
  readonly of: number;
  readonly failed: number;
}

/** More items failed than the map tolerates. */
export const failsWith = ({ state, of, failed }: Joining): boolean => failed > mostFailed(state, of);

/** @param first of the items' errors */
export function tooMany({ state, path, of, failed }: Joining, first: StepError | undefined): StepError {
  const most = mostFailed(state, of);
  const why = first ? `; the first: ${first.code}: ${first.message}` : "";
  return { code: "too_many_failures", message: `${failed} of ${of} items failed, at most ${most} may${why}`, path };
}

function mostFailed(state: State, of: number): number {
  if (state.kind !== "map" || !state.tolerate) return 0;
  // 0.29 of 100 is 28.999999999999996.
  return "count" in state.tolerate ? state.tolerate.count : Math.floor(state.tolerate.share * of + 1e-9);
}

/** A map that leaves its results where they lie. @param lies where whoever reads them finds them */
export const joinSummary = ({ of, failed }: Joining, lies: string): Json => ({ count: of, failed, results: lies });
export const leavesSummary = (state: State): boolean => state.kind === "map" && state.results === "reference";

/** What a full join leaves behind: a parallel's outputs by branch, a map's in the order of its items. */
export function joinOutput(state: State, outputs: ReadonlyMap<number, Json>): Json {
  const at = (index: number): Json => {
    const value = outputs.get(index);
    if (value === undefined) throw new Error(`member ${index} of a full join has no output`);
    return value;
  };
  if (state.kind === "parallel") {
    const members = branchesByMember(state);
    return Object.freeze(Object.fromEntries(Object.keys(state.branches).map((b) => [b, at(members.indexOf(b))])));
  }
  const all = Array.from({ length: outputs.size }, (_, i) => at(i));
  return Object.freeze(state.kind === "map" && state.tolerate ? all.map(itemResult) : all);
}

/** Each arrived as `{ branch: "ok" | "failed", output }`. */
function itemResult(arrived: Json): Json {
  const { branch, output } = arrived as { readonly branch: string; readonly output: Json };
  return branch === FAILED_ITEM ? { ok: false, error: output } : { ok: true, output };
}
