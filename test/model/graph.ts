/**
 * Random workflow graphs. A path names a state: index in the sequence, then branch (or item) and index, and so on:
 * `2/0/1` is the second state of the first branch of the third state.
 */
import type { Random } from "./random.ts";

export interface Task {
  readonly kind: "task";
  readonly inline: boolean;
  readonly repeatable: boolean;
  /** Its handler throws now and then. */
  readonly flaky: boolean;
  /** Its handler takes the process down, each time. */
  readonly poison: boolean;
}
export type State =
  | Task
  | { readonly kind: "parallel"; readonly branches: readonly Sequence[] }
  | { readonly kind: "map"; readonly items: number; readonly lanes: number; readonly body: Sequence }
  /** Answers differently each time, and throws now and then. */
  | { readonly kind: "choice"; readonly branches: readonly Sequence[]; readonly throws: number };
export type Sequence = readonly State[];

const DEEPEST = 2;

export function randomGraph(random: Random, depth = 0): Sequence {
  return Array.from({ length: 1 + random.below(3) }, () => randomState(random, depth));
}

function randomState(random: Random, depth: number): State {
  const branch = (empty: number): Sequence => (random.chance(empty) ? [] : randomGraph(random, depth + 1));
  const dice = depth === DEEPEST ? 0 : random.unit();
  if (dice < 0.5)
    return {
      kind: "task",
      inline: random.chance(0.4),
      repeatable: random.chance(0.3),
      flaky: random.chance(0.15),
      poison: random.chance(0.03),
    };
  if (dice < 0.68)
    return { kind: "parallel", branches: Array.from({ length: 2 + random.below(3) }, () => branch(0.15)) };
  if (dice < 0.84)
    return { kind: "choice", branches: [branch(0.2), branch(0.2)], throws: random.chance(0.3) ? 0.5 : 0 };
  return { kind: "map", items: random.below(6), lanes: 1 + random.below(3), body: randomGraph(random, DEEPEST) };
}

export interface Place {
  readonly sequence: Sequence;
  readonly index: number;
  /** What the sequence is a branch of, and which. */
  readonly scope?: { readonly path: string; readonly state: State; readonly member: number };
}

/** Where a path leads, also one past the end of its sequence. */
export function placeOf(graph: Sequence, path: string): Place {
  const numbers = path.split("/").map(Number);
  let place: Place = { sequence: graph, index: numbers[0] ?? 0 };
  for (let i = 1; i < numbers.length; i += 2) {
    const state = place.sequence[place.index];
    const member = numbers[i] ?? 0;
    if (!state || state.kind === "task") throw new Error(`no scope on the way to ${path}`);
    const sequence = state.kind === "map" ? state.body : (state.branches[member] ?? []);
    place = { sequence, index: numbers[i + 1] ?? 0, scope: { path: numbers.slice(0, i).join("/"), state, member } };
  }
  return place;
}

export function taskAt(graph: Sequence, path: string): Task {
  const { sequence, index } = placeOf(graph, path);
  const state = sequence[index];
  if (state?.kind !== "task") throw new Error(`no task at ${path}`);
  return state;
}

export const firstIn = (scope: string, member: number): string => `${scope}/${member}/0`;
export function after(path: string): string {
  const cut = path.lastIndexOf("/") + 1;
  return `${path.slice(0, cut)}${Number(path.slice(cut)) + 1}`;
}
