/** What is deployed for a workflow: its newest graph, and all that executions on older ones still come to. */
import type { EventSpec, Graph, NodeSpec } from "../model/graph.ts";
import { type Program, servedNodes } from "../model/program.ts";
import type { DeployedGraph } from "../model/reach.ts";
import { own } from "./sides.ts";

/** @param earlier the graphs that executions may be on, besides the newest */
export function deployedGraph(program: Program, earlier: readonly Graph[]): DeployedGraph {
  if (earlier.length === 0 && !program.retired) return program.graph;
  const nodes = Object.entries(servedNodes(program)).map(([name, spec]) => [name, patient(spec, earlier)] as const);
  const events: Record<string, EventSpec> = Object.assign(
    {},
    ...earlier.map((graph) => graph.events),
    program.graph.events,
  );
  return { ...program.graph, nodes: Object.fromEntries(nodes), events, earlier };
}

/** An execution keeps the retries of its graph: a function that may wait for long has to be able to. */
function patient(spec: NodeSpec, earlier: readonly Graph[]): NodeSpec {
  const all = [spec, ...earlier.flatMap(({ nodes }) => own(nodes, spec.name) ?? [])];
  const maxDelayMs = Math.max(...all.map(({ retry }) => retry.maxDelayMs));
  return { ...spec, retry: { ...spec.retry, maxDelayMs } };
}
