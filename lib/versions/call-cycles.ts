/** Workflows that call each other in a circle: one that waits for itself never ends. */
import { type Graph, statesOf } from "../model/graph.ts";

/** Each circle once, as `a → b → a`. */
export function callCycles(graphs: readonly Graph[]): readonly string[] {
  const calls = new Map(graphs.map((graph) => [graph.workflow, calledBy(graph)] as const));
  const cycles = new Map<string, string>();
  const done = new Set<string>();
  const follow = (way: readonly string[]) => {
    for (const next of calls.get(way.at(-1) ?? "") ?? []) {
      if (done.has(next)) continue; // its circles are told
      const from = way.indexOf(next);
      if (from < 0) follow([...way, next]);
      else {
        const circle = way.slice(from);
        cycles.set([...circle].sort().join(" "), [...circle, next].join(" → "));
      }
    }
  };
  for (const name of [...calls.keys()].sort()) {
    if (!done.has(name)) follow([name]);
    done.add(name);
  }
  return [...cycles.values()];
}

/** Also those that it does not wait for: they would start each other for ever. */
const calledBy = (graph: Graph): ReadonlySet<string> =>
  new Set([...statesOf(graph.root)].flatMap(([, state]) => (state.kind === "call" ? [state.workflow] : [])));
