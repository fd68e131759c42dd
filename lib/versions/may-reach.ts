/** The states that executions at some of them may still come to, by static path. Too many rather than too few. */
import { type Graph, type Scope, statesOf } from "../model/graph.ts";
import { type Place, Places } from "./places.ts";
import { nextOf } from "./ways.ts";

/** In place of a state's path: it has not begun, or comes to its end just now. */
export const ANYWHERE = "*";
/** In place of a state's path: all of it is being undone. */
export const UNDOING = "";

export function mayReach(graph: Graph, at: readonly string[]): ReadonlySet<string> {
  const places = new Places(graph);
  const reached = new Set<string>();
  const after = (scope: Scope, prefix: string, from: readonly string[]) => {
    const todo = [...from];
    const seen = new Set<string>();
    for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const state = scope.states[name];
      if (!state) continue;
      for (const [path] of statesOf({ start: name, states: { [name]: state } }, prefix)) reached.add(path);
      todo.push(...nextOf(state));
    }
  };
  const from = (place: Place) => {
    const { scope, name, path, owner } = place;
    const again = owner?.place.state.kind === "map" || owner?.place.state.kind === "loop";
    after(scope, path.slice(0, path.length - name.length), again && scope.start ? [name, scope.start] : [name]);
    if (owner) from(owner.place); // also what else lies in it: its catches, and branches that run beside
  };
  for (const path of at) {
    if (path === UNDOING) continue;
    const place = places.at(path);
    if (!place) return new Set([...statesOf(graph.root)].map(([every]) => every));
    from(place);
  }
  // What has run may have to be undone.
  for (const { path, state } of places.all()) if (state.kind === "task" && state.undo) reached.add(path);
  return reached;
}

/** `pack/3/weigh~2` is a visit of `pack/each/weigh`. */
export const staticPath = (path: string): string =>
  path
    .split("/")
    .map((segment, i) => (i % 2 === 1 && /^\d+$/.test(segment) ? "each" : (segment.split("~")[0] ?? segment)))
    .join("/");
