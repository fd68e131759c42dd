/**
 * Workflow graphs. A path names a state: index in the sequence, then branch (or item) and index, and so on:
 * `2/0/1` is the second state of the first branch of the third state.
 */
export interface Task {
  readonly kind: "task";
  readonly inline: boolean;
  readonly repeatable: boolean;
  /** Its handler throws now and then. */
  readonly flaky: boolean;
  /** Its handler takes the process down, each time. */
  readonly poison: boolean;
  /** Has a step that undoes it; a flaky one's handler throws now and then. */
  readonly undo?: "sure" | "flaky";
}
export type State =
  | Task
  | { readonly kind: "parallel"; readonly branches: readonly Sequence[] }
  | {
      readonly kind: "map";
      readonly items: number;
      readonly lanes: number;
      readonly body: Sequence;
      /** An item that fails is gone on without. */
      readonly tolerates: boolean;
    }
  /** Answers differently each time, and throws now and then. */
  | { readonly kind: "choice"; readonly branches: readonly Sequence[]; readonly throws: number }
  | { readonly kind: "race"; readonly branches: readonly Sequence[] }
  /** What fails in the body goes on in the handler. Members 0 and 1. */
  | { readonly kind: "block"; readonly body: Sequence; readonly handler: Sequence }
  /** Its rounds are its members, from 1. */
  | { readonly kind: "loop"; readonly body: Sequence; readonly most: number; readonly ends: number }
  /** With a signal it waits for that, and fails when none comes. */
  | { readonly kind: "wait"; readonly ticks: number; readonly signal?: string }
  | { readonly kind: "call"; readonly child: Sequence; readonly detached: boolean };
export type Sequence = readonly State[];

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
    const sequence = state && sequenceIn(state, member);
    if (!sequence) throw new Error(`no scope on the way to ${path}`);
    place = { sequence, index: numbers[i + 1] ?? 0, scope: { path: numbers.slice(0, i).join("/"), state, member } };
  }
  return place;
}

function sequenceIn(state: State, member: number): Sequence | undefined {
  switch (state.kind) {
    case "parallel":
    case "choice":
    case "race":
      return state.branches[member];
    case "block":
      return member === 0 ? state.body : state.handler;
    case "map":
    case "loop":
      return state.body;
    default:
      return undefined;
  }
}

/** The undo step's task is made of the task that it undoes. */
export function taskAt(graph: Sequence, path: string): Task {
  const undoes = undoneBy(path);
  const state = stateAt(graph, undoes ?? path);
  if (state.kind !== "task") throw new Error(`no task at ${path}`);
  if (undoes === undefined) return state;
  return { kind: "task", inline: false, repeatable: false, flaky: state.undo === "flaky", poison: false };
}

export function stateAt(graph: Sequence, path: string): State {
  const { sequence, index } = placeOf(graph, path);
  const state = sequence[index];
  if (!state) throw new Error(`no state at ${path}`);
  return state;
}

const UNDO = "/undo";
export const undoPath = (path: string): string => path + UNDO;
/** The path of the step that is undone by the one at this path. */
export const undoneBy = (path: string): string | undefined =>
  path.endsWith(UNDO) ? path.slice(0, -UNDO.length) : undefined;

export const firstIn = (scope: string, member: number): string => `${scope}/${member}/0`;
export function after(path: string): string {
  const cut = path.lastIndexOf("/") + 1;
  return `${path.slice(0, cut)}${Number(path.slice(cut)) + 1}`;
}
