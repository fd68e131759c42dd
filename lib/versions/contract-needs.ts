/** What executions in flight come to by its name: a node's queue with a function behind it, an event, a signal, a workflow. */
import type { NodeSpec, State } from "../model/graph.ts";
import type { Change } from "./change.ts";
import type { Place } from "./places.ts";
import { misfitOf } from "./schema-fits.ts";
import { need, own, type Sides } from "./sides.ts";

export function contractNeeds(sides: Sides): readonly Change[] {
  const first = new Map<string, Place>();
  const places = sides.before.all();
  for (const place of places) for (const node of nodesOf(place.state)) if (!first.has(node)) first.set(node, place);
  return [
    ...[...first].flatMap(([node, place]) => nodeNeeds(sides, node, place)),
    ...places.flatMap((place) => stateNeeds(sides, place)),
  ];
}

const nodesOf = (state: State): readonly string[] =>
  state.kind === "task" ? [state.node, ...(state.undo ? [state.undo.node] : [])] : [];

function nodeNeeds(sides: Sides, node: string, place: Place): Change[] {
  const { old, program } = sides;
  const spec = own(old.nodes, node);
  if (!spec) return [];
  const served = sides.nodeOf(node);
  if (!served) return [removedNode(sides, spec, place)];
  const mapped = own(program.retired?.nodes, node);
  const misfit = mapped && misfitOf(served.output, spec.output, "read");
  if (!misfit) return [];
  return [
    need("node_changed", node, place, {
      verdict: "safe_once_drained",
      why: `'${mapped.node}' stands in for it and gives something else: ${misfit}`,
      do: `let it give what '${node}' gave, or wait until no execution needs it`,
    }),
  ];
}

function removedNode({ old, program }: Sides, spec: NodeSpec, place: Place): Change {
  const node = spec.name;
  const successor = Object.values(program.graph.nodes).find(
    (one) =>
      !Object.hasOwn(old.nodes, one.name) &&
      !misfitOf(spec.input, one.input, "parsed") &&
      !misfitOf(one.output, spec.output, "read"),
  );
  const gone = "executions in flight come to it, and nothing would serve its queue";
  if (successor)
    return need("node_renamed", node, place, {
      verdict: "needs_mapping",
      why: `${gone}; '${successor.name}' takes and gives the same`,
      do: `retired: { nodes: { ${node}: ${successor.name} } }`,
    });
  return need("node_removed", node, place, {
    verdict: "needs_mapping",
    why: gone,
    do: `keep its contract and its file: retired: { nodes: { ${node} } }`,
  });
}

function stateNeeds(sides: Sides, place: Place): Change[] {
  const { state } = place;
  const { events, signals, retired } = sides.program;
  const lacks = (kind: Change["kind"], where: string, what: string, act: string): Change[] => [
    need(kind, where, place, {
      verdict: "needs_mapping",
      why: `executions in flight ${what}, and the code has no contract for it`,
      do: act,
    }),
  ];
  switch (state.kind) {
    case "emit":
      if (own(events, state.event) ?? own(retired?.events, state.event)) return [];
      return lacks("event_removed", state.event, "emit it", "keep its contract: retired: { events: […] }");
    case "waitFor":
      if (own(signals, state.signal) ?? own(retired?.signals, state.signal)) return [];
      return lacks("signal_removed", state.signal, "wait for it", "keep its contract: retired: { signals: […] }");
    case "call":
      if (sides.callOf(state.workflow)) return [];
      return lacks(
        "call_removed",
        state.workflow,
        "call it",
        "keep its contract, and the workflow deployed: retired: { calls: […] }",
      );
    default:
      return [];
  }
}
