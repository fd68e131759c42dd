/** What is deployed for a workflow: its newest graph, and all that executions on older ones still come to. */
import type { EventSpec, Graph, NodeSpec } from "../model/graph.ts";
import { type Program, servedNodes } from "../model/program.ts";
import type { DeployedGraph } from "../model/reach.ts";

/** @param earlier the graphs that executions may be on, besides the newest */
export function deployedGraph(program: Program, earlier: readonly Graph[]): DeployedGraph {
  if (earlier.length === 0 && !program.retired) return program.graph;
  const nodes = Object.entries(servedNodes(program)).map(([name, spec]) => [name, roomy(spec, earlier)] as const);
  const events: Record<string, EventSpec> = Object.assign(
    {},
    ...earlier.map((graph) => graph.events),
    program.graph.events,
  );
  return { ...program.graph, nodes: Object.fromEntries(nodes), events, earlier };
}

/** An execution keeps the times of its graph: the function has to last for the longest of them. */
function roomy(spec: NodeSpec, earlier: readonly Graph[]): NodeSpec {
  const all = [
    spec,
    ...earlier.flatMap(({ nodes }) => (Object.hasOwn(nodes, spec.name) ? (nodes[spec.name] ?? []) : [])),
  ];
  const longest = (of: (one: NodeSpec) => number) => Math.max(...all.map(of));
  return {
    ...spec,
    timeoutMs: longest(({ timeoutMs }) => timeoutMs),
    retry: { ...spec.retry, maxDelayMs: longest(({ retry }) => retry.maxDelayMs) },
  };
}
