/** Times of functions and queues, as `pawl/cdk` deploys them. */
import { AFTER_ATTEMPT_MS } from "../../engine/context.ts";
import type { Graph } from "../../model/graph.ts";
import { reachOf } from "../../model/reach.ts";

/** How far apart two workers' clocks may be. */
export const SKEW_MS = 60_000;
const AROUND_NODE_MS = 15_000;
const CONTROL_MS = 120_000;
const DELIVERY_MS = 5_000;

/** @param node undefined: control */
export function functionTimeoutMs(graph: Graph, node: string | undefined): number {
  if (node === undefined) return CONTROL_MS;
  const run = [node, ...reachOf(graph, { node }).inline].map((name) => graph.nodes[name]?.timeoutMs ?? 0);
  return Math.max(...run) + AROUND_NODE_MS;
}

/** Longer than the function may run and its step may be held, by whichever clock. */
export const visibilityMs = (graph: Graph, node: string | undefined): number =>
  functionTimeoutMs(graph, node) + AFTER_ATTEMPT_MS + SKEW_MS + DELIVERY_MS;
