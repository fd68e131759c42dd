/** How long an attempt at a node may take, whichever state it is for and whichever graph that state is in. */
import { type Graph, statesOf } from "./graph.ts";
import type { DeployedGraph } from "./reach.ts";

/** A state's own time stands in place of its node's, so it may be the longer one. 0 of a node that is not in there. */
export function longestAttemptMs(graph: DeployedGraph, node: string): number {
  return Math.max(0, ...[graph, ...(graph.earlier ?? [])].flatMap((one) => timesIn(one, node)));
}

function timesIn(graph: Graph, node: string): readonly number[] {
  const own = Object.hasOwn(graph.nodes, node) ? (graph.nodes[node]?.timeoutMs ?? 0) : 0;
  const states = [...statesOf(graph.root)].flatMap(([, state]) =>
    state.kind === "task" && state.node === node && state.timeoutMs !== undefined ? [state.timeoutMs] : [],
  );
  return [own, ...states];
}
