/** States whose branches, items or rounds are paths of their own, and the joins at their ends. */
import { SET_SIZE } from "../kernel/join.ts";
import { CHUNK_SIZE } from "../kernel/list.ts";
import type { LoopState, MapState, ParallelState, RaceState } from "../model/graph.ts";
import { DYNAMO_MS } from "./assumptions.ts";
import { type At, type Came, type Here, on, type Walker } from "./path.ts";
import { type Course, coursePlus } from "./shape.ts";
import { EFFECT_BYTES, readOf, storedAs, writeOf } from "./sizes.ts";

type Fork = ParallelState | MapState | RaceState | LoopState;
type HereFork<S extends Fork = Fork> = Here & { readonly state: S };

export function enterFork(walk: Walker, here: HereFork, at: At): Came {
  const { state } = here;
  switch (state.kind) {
    case "loop":
      return loop(walk, { ...here, state }, at);
    case "parallel":
      return parallel(walk, { ...here, state }, at);
    case "race":
      return race(walk, { ...here, state }, at);
    case "map":
      return map(walk, { ...here, state }, at);
  }
}

/** Each round begins with what the one before has left. */
function loop(walk: Walker, { path, name, state }: HereFork<LoopState>, at: At): Came {
  walk.keep(at, state.from, "round");
  const rounds = Math.min(walk.assumed.rounds, state.max);
  const before = at.course;
  const { times } = walk;
  walk.times = times * rounds;
  const came = walk.scope(state.each, `${path}/1/`, { ...at, prev: "round" });
  walk.times = times;
  if (came.kind !== "on") return came;
  came.at.inv.known.add(name);
  const course = coursePlus(before, since(came.at.course, before), rounds);
  return on({ ...came.at, prev: name, course });
}

const since = (after: Course, before: Course): Course => coursePlus(after, before, -1);
const lengthOf = ({ handlerMs, hops, requestsMs, pausesMs }: Course): number =>
  handlerMs + hops * 100 + requestsMs + pausesMs;

/** Every end arrives in a set; whoever completes it gathers what the others left. */
function parallel(walk: Walker, { path, name, state }: HereFork<ParallelState>, at: At): Came {
  walk.evaluate(at.record.row, state.input, at);
  const ends = branchEnds(walk, path, state.branches, at);
  const last = lastOf(ends);
  if (!last) return { kind: "failed" };
  for (const _ of ends) arrive(walk, path);
  const elsewhere = ends.filter(({ prev }) => !last.inv.known.has(prev));
  walk.look(path, 3); // whether it is decided; the set, for failures and for its members
  for (const _ of elsewhere) walk.add(path, valueRead(walk));
  return joined(walk, { path, name, outputs: ends.length }, last);
}

function branchEnds(walk: Walker, path: string, branches: ParallelState["branches"], at: At): readonly At[] {
  walk.shape({ branches: Object.keys(branches).length });
  return Object.entries(branches).flatMap(([branch, scope]) => {
    at.record.bodyBytes += scope.start === null ? EFFECT_BYTES : 0;
    const came = walk.scope(scope, `${path}/${branch}/`, at);
    return came.kind === "failed" ? [] : [came.at];
  });
}

const lastOf = (ends: readonly At[]): At | undefined =>
  [...ends].sort((a, b) => lengthOf(b.course) - lengthOf(a.course))[0];

/** A set stays within one KiB (`adapters/aws/join-items.ts`). */
function arrive(walk: Walker, path: string): void {
  walk.add(path, { writeUnits: 1, dynamo: 1, itemBytes: 20, waitsMs: DYNAMO_MS });
}
const valueRead = (walk: Walker) => ({
  ...readOf(storedAs(walk.assumed.payloadBytes, walk.assumed)),
  waitsMs: DYNAMO_MS,
});

interface Joined {
  readonly path: string;
  readonly name: string;
  /** How many payloads it leaves. */
  readonly outputs: number;
}

function joined(walk: Walker, { path, name, outputs }: Joined, last: At): Came {
  const bytes = Math.max(60, outputs * walk.assumed.payloadBytes);
  walk.value(name, { bytes, lies: storedAs(bytes, walk.assumed) });
  const record = walk.decide(path, bytes);
  last.inv.known.add(name);
  const course = coursePlus(last.course, { requestsMs: 5 * DYNAMO_MS });
  return on({ ...last, record, prev: name, course, sendShare: 1 });
}

/** Every branch counts to its end, though one is first: then what is open is closed, from the whole log. */
function race(walk: Walker, { path, name, state }: HereFork<RaceState>, at: At): Came {
  const ends = branchEnds(walk, path, state.branches, at);
  const last = lastOf(ends);
  if (!last) return { kind: "failed" };
  walk.look(path, 2 + 2 * Math.max(1, Math.round((ends.length * walk.assumed.payloadBytes) / 4096)));
  walk.decide(path, EFFECT_BYTES * 2); // who has won
  walk.decide(path, 60); // what is to be undone of the others
  return joined(walk, { path, name, outputs: 1 }, last);
}

/** The first items begin where the list is made; each of the others where an earlier one has ended. */
function map(walk: Walker, { path, name, state }: HereFork<MapState>, at: At): Came {
  const { items, payloadBytes } = walk.assumed;
  walk.evaluate(at.record.row, state.over, at);
  const lanes = Math.min(state.concurrency, items);
  walk.shape({ branches: items });
  if (items === 0) return on(at);
  const chunks = items > CHUNK_SIZE ? Math.ceil(items / CHUNK_SIZE) : 0;
  const list = storedAs(chunks === 0 ? at.record.bodyBytes + payloadBytes : payloadBytes / chunks, walk.assumed);
  for (let chunk = 0; chunk < chunks; chunk++) walk.add(path, { ...writeOf(list), waitsMs: DYNAMO_MS });
  if (chunks === 0) at.record.bodyBytes += payloadBytes;
  at.record.bodyBytes += (lanes - 1) * EFFECT_BYTES;
  walk.value("item", { bytes: payloadBytes / items, lies: list });
  const known = new Set([...at.inv.known, ...(chunks === 0 ? ["item"] : [])]);
  const item = (from: At, count: number): Came => {
    const { times } = walk;
    walk.times = times * count;
    const came = walk.scope(state.each, `${path}/0/`, { ...from, prev: "item" });
    if (came.kind !== "failed") arrive(walk, path);
    walk.times = times;
    return came;
  };
  const inv = { ...at.inv, known };
  const first = item({ ...at, inv, sendShare: 1 / Math.min(10, lanes) }, lanes);
  if (first.kind === "failed") return first;
  const again = {
    known: new Set([...first.at.inv.known].filter((it) => it !== "item")),
    glanced: first.at.inv.glanced,
  };
  if (items > lanes) item({ ...first.at, inv: again }, items - lanes);
  gather(walk, { path, state });
  const each = since(first.at.course, at.course);
  const last = { ...first.at, course: coursePlus(at.course, each, Math.ceil(items / lanes)) };
  return joined(walk, { path, name, outputs: state.results === "reference" ? 0 : items }, last);
}

/** Of a large map, whoever fills a set of a hundred writes its outputs as a list, and the sets arrive in one above. */
function gather(walk: Walker, { path, state }: Pick<HereFork<MapState>, "path" | "state">): void {
  const { items, payloadBytes } = walk.assumed;
  const lists = state.results !== "reference";
  const sets = items > SET_SIZE ? Math.ceil(items / SET_SIZE) : 0;
  const list = storedAs(SET_SIZE * payloadBytes, walk.assumed);
  for (let set = 0; set < sets; set++) {
    arrive(walk, path);
    walk.look(path, 1);
    if (lists) walk.add(path, { ...writeOf(list), waitsMs: DYNAMO_MS });
    if (lists) walk.add(path, readOf(list));
  }
  walk.look(path, 2 + (lists ? 1 : 0));
  const own = sets === 0 ? 1 : sets;
  // At once, so they are waited for together.
  const read = valueRead(walk);
  for (let i = own; lists && i < items; i++) walk.add(path, { ...read, waitsMs: 0 });
}
