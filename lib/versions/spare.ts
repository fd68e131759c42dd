/** What a workflow keeps for executions on older graphs, and none of these graphs names any more. */
import { type Graph, statesOf } from "../model/graph.ts";
import { hashOf, type Program } from "../model/program.ts";
import { Places } from "./places.ts";

/** As they are written: `retired.nodes.weigh`. */
export function spareIn(
  { retired, hash }: Pick<Program, "retired" | "hash">,
  all: readonly Graph[],
): readonly string[] {
  if (!retired) return [];
  const graphs = all.filter((graph) => hashOf(graph) !== hash);
  const slots = graphs.flatMap((graph) => new Places(graph).uses().map(({ slot }) => slot));
  const states = graphs.flatMap((graph) => [...statesOf(graph.root)].map(([, state]) => state));
  const named = {
    nodes: new Set(graphs.flatMap(({ nodes }) => Object.keys(nodes))),
    slots: new Set(slots),
    events: new Set(states.flatMap((state) => (state.kind === "emit" ? [state.event] : []))),
    signals: new Set(states.flatMap((state) => (state.kind === "waitFor" ? [state.signal] : []))),
    calls: new Set(states.flatMap((state) => (state.kind === "call" ? [state.workflow] : []))),
  };
  return (Object.keys(named) as (keyof typeof named)[]).flatMap((part) =>
    Object.keys(retired[part])
      .filter((name) => !named[part].has(name))
      .map((name) => `retired.${part}.${name}`),
  );
}
