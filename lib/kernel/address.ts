/**
 * Addresses of steps. A path alternates state and branch: `charge`, `pay/charge/charge`, `pack/3/packLine`. Where the
 * transitions of a scope go back, a state's segment carries how many transitions led to it, so that each visit has a
 * path of its own: `retry~3`. What undoes a task has the task's path and `/undo`.
 */
import { type Branch, type Graph, type Scope, type State, scopesOf } from "../model/graph.ts";

/** One scope on the way down to a path. */
export interface Frame {
  readonly scope: Scope;
  /** What a state's name in this scope is preceded by: "" or `pack/3/`. */
  readonly prefix: string;
  /** The state that this scope lies in, and the branch taken into it; absent at the root. */
  readonly owner?: { readonly path: string; readonly state: State; readonly branch: string };
}

export interface Located {
  /** Root first; the last one holds the state. */
  readonly frames: readonly Frame[];
  readonly name: string;
  readonly state: State;
}

/** A path is looked for many times while its step is on its way: so many of a graph are known at once. */
const MOST_KNOWN = 4_096;
const known = new WeakMap<Graph, Map<string, Located>>();

export function locate(graph: Graph, path: string): Located | undefined {
  let paths = known.get(graph);
  if (!paths) {
    paths = new Map();
    known.set(graph, paths);
  }
  const standing = paths.get(path);
  if (standing) return standing;
  const found = find(graph, path);
  if (paths.size >= MOST_KNOWN) paths.clear();
  if (found) paths.set(path, found);
  return found;
}

function find(graph: Graph, path: string): Located | undefined {
  const segments = path.split("/");
  if (segments.length % 2 === 0) return undefined;
  const frames: Frame[] = [{ scope: graph.root, prefix: "" }];
  let at = "";
  for (let i = 0; ; i += 2) {
    const frame = frames.at(-1) as Frame; // never empty
    const name = baseName(segments[i] ?? "");
    const state = Object.hasOwn(frame.scope.states, name) ? frame.scope.states[name] : undefined;
    if (!state) return undefined;
    at += segments[i];
    if (i === segments.length - 1) return { frames, name, state };
    const branch = segments[i + 1] ?? "";
    const scope = subScope(state, branch);
    if (!scope) return undefined;
    frames.push({ scope, prefix: `${at}/${branch}/`, owner: { path: at, state, branch } });
    at += `/${branch}/`;
  }
}

/** `a`, `a/b` and `a/b/c`, of `a/b/c/d`: the states and scopes around it. */
export function scopesAbove(path: string): readonly string[] {
  const segments = path.split("/");
  return segments.slice(1).map((_, i) => segments.slice(0, i + 1).join("/"));
}

const UNDO = "/undo";
export const undoPath = (path: string): string => path + UNDO;
/** The path of the task that is undone there; undefined: it is no undo step's. */
export const undoneBy = (path: string): string | undefined =>
  path.endsWith(UNDO) && path.split("/").length % 2 === 0 ? path.slice(0, -UNDO.length) : undefined;

/** The node that runs there: the task's, or the one that undoes it; undefined: no task is there. */
export function nodeAtPath(graph: Graph, path: string): string | undefined {
  const undone = undoneBy(path);
  const state = locate(graph, undone ?? path)?.state;
  if (state?.kind !== "task") return undefined;
  return undone === undefined ? state.node : state.undo?.node;
}

function subScope(state: State, branch: string): Scope | undefined {
  if (state.kind === "map" || state.kind === "loop") return /^\d+$/.test(branch) ? state.each : undefined;
  return scopesOf(state).find(([name]) => name === branch)?.[1];
}

const baseName = (segment: string): string => {
  const hop = segment.indexOf("~");
  return hop < 0 ? segment : segment.slice(0, hop);
};

/** The segment of a state entered from another in the same scope (`from` undefined: entered from above). */
export function segmentFor(scope: Scope, name: string, from: string | undefined): string {
  if (!isCyclic(scope)) return name;
  const hop = from === undefined ? 0 : Number(from.slice(from.lastIndexOf("~") + 1));
  return `${name}~${hop + 1}`;
}

const cyclic = new WeakMap<Scope, boolean>();
export function isCyclic(scope: Scope): boolean {
  let known = cyclic.get(scope);
  if (known === undefined) {
    known = findCycle(scope);
    cyclic.set(scope, known);
  }
  return known;
}

function findCycle(scope: Scope): boolean {
  const done = new Set<string>();
  // Depth first without recursion: a chain may have thousands of states.
  for (const root of Object.keys(scope.states)) {
    const onPath = new Set<string>();
    const stack: { name: string; left: string[] }[] = [];
    const push = (name: string) => {
      onPath.add(name);
      stack.push({ name, left: [...transitions(scope.states[name])] });
    };
    if (!done.has(root)) push(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const next = top.left.pop();
      if (next === undefined) {
        onPath.delete(top.name);
        done.add(top.name);
        stack.pop();
      } else if (onPath.has(next)) return true;
      else if (!done.has(next)) push(next);
    }
  }
  return false;
}

function transitions(state: State | undefined): readonly string[] {
  if (!state || state.kind === "fail" || state.kind === "succeed") return [];
  const branches: Branch[] = (state.catch ?? []).map((rule) => rule.branch);
  if (state.kind === "choice" || state.kind === "match") branches.push(...Object.values(state.branches));
  const targets = branches.flatMap((b) => ("to" in b ? [b.to] : []));
  return state.next === null ? targets : [state.next, ...targets];
}
