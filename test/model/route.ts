/** What follows a step, a join or the start. Asked twice it may answer twice differently, as a user's choice may. */
import { after, firstIn, placeOf, type Sequence, type State } from "./graph.ts";
import type { Random } from "./random.ts";

/** A record's key in terms of the graph, the same in every generation. */
export type Key = string;
export const START: Key = "start";
export const stepKey = (path: string): Key => `step/${path}`;
export const decideKey = (path: string): Key => `decide/${path}`;
export const joinKey = (path: string): Key => `join/${path}`;

/** `by` is the record that decided it, where the value before it lies. */
export type Effect =
  | { readonly kind: "step"; readonly path: string; readonly by: Key }
  | { readonly kind: "arrive"; readonly path: string; readonly member: number; readonly of: number; readonly by: Key }
  | { readonly kind: "succeed"; readonly by: Key }
  | { readonly kind: "fail"; readonly by: Key };

export interface Routing {
  readonly graph: Sequence;
  readonly random: Random;
  readonly by: Key;
}

export const routeStart = (routing: Routing): readonly Effect[] => route(routing, "0");
export const routeAfter = (routing: Routing, path: string): readonly Effect[] => route(routing, after(path));
export const routeFailure = (by: Key): readonly Effect[] => [{ kind: "fail", by }];

const THREW = Symbol("a slot threw");

function route(routing: Routing, path: string): readonly Effect[] {
  const effects: Effect[] = [];
  try {
    enter(routing, path, effects);
  } catch (thrown) {
    if (thrown !== THREW) throw thrown;
    return routeFailure(routing.by); // what else it would have started never starts
  }
  return effects;
}

function enter(routing: Routing, path: string, effects: Effect[]): void {
  const { sequence, index, scope } = placeOf(routing.graph, path);
  const state = sequence[index];
  if (state) begin(routing, path, state, effects);
  else if (scope) leave(routing, scope, effects);
  else effects.push({ kind: "succeed", by: routing.by });
}

function begin(routing: Routing, path: string, state: State, effects: Effect[]): void {
  const { random, by } = routing;
  switch (state.kind) {
    case "task":
      effects.push({ kind: "step", path, by });
      break;
    case "choice":
      if (random.chance(state.throws)) throw THREW;
      enter(routing, firstIn(path, random.below(state.branches.length)), effects);
      break;
    case "parallel":
      for (const member of state.branches.keys()) enter(routing, firstIn(path, member), effects);
      break;
    case "map":
      if (state.items === 0) enter(routing, after(path), effects);
      for (let item = 0; item < Math.min(state.lanes, state.items); item++)
        enter(routing, firstIn(path, item), effects);
      break;
  }
}

/** A branch is done: it arrives at its join, and in a map the lane's next item starts. */
function leave(
  routing: Routing,
  { path, state, member }: { path: string; state: State; member: number },
  effects: Effect[],
): void {
  const { by } = routing;
  if (state.kind === "choice") return enter(routing, after(path), effects);
  if (state.kind === "parallel") effects.push({ kind: "arrive", path, member, of: state.branches.length, by });
  if (state.kind !== "map") return;
  effects.push({ kind: "arrive", path, member, of: state.items, by });
  if (member + state.lanes < state.items) enter(routing, firstIn(path, member + state.lanes), effects);
}
