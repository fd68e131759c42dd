/** Both sides of a comparison: the graph that executions may be on, and the code that is to carry them on. */
import type { CallSpec, Graph, NodeSpec } from "../model/graph.ts";
import type { Program } from "../model/program.ts";
import type { Change } from "./change.ts";
import { outputShape, type Place, Places } from "./places.ts";
import { type Shape, union } from "./shape.ts";

export class Sides {
  readonly old: Graph;
  readonly program: Program;
  /** What is recorded is of the older contracts; what comes from now on is of the newer ones. */
  readonly before: Places;
  readonly now: Places;

  constructor(old: Graph, program: Program) {
    this.old = old;
    this.program = program;
    const either = (was: Schema, is: Schema): Shape =>
      is ? union([outputShape(was), outputShape(is)]) : outputShape(was);
    this.before = new Places(old, {
      outputOf: (node) => either(own(old.nodes, node), this.nodeOf(node)),
      answerOf: (workflow) => either(own(old.calls, workflow), this.callOf(workflow)),
      signalOf: (signal) => either(dataOf(old, signal), dataOf(program.graph, signal)),
    });
    this.now = new Places(program.graph);
  }

  /** The newer code's contract of a node. Undefined: it has none. */
  nodeOf(node: string): NodeSpec | undefined {
    const { graph, retired } = this.program;
    return own(graph.nodes, node) ?? own(retired?.specs, node);
  }

  callOf(workflow: string): CallSpec | undefined {
    const { graph, retired } = this.program;
    return own(graph.calls, workflow) ?? own(retired?.callSpecs, workflow);
  }
}

type Schema = Pick<NodeSpec, "output"> | undefined;
const dataOf = ({ signals }: Graph, name: string): Schema => {
  const spec = own(signals, name);
  return spec && { output: spec.data };
};

/** What executions that come to this place need. */
export const need = (
  kind: Change["kind"],
  where: string,
  place: Place | undefined,
  of: Pick<Change, "verdict" | "why" | "do">,
): Change => ({ kind, where, ...of, ...(place && { at: place.path }) });

export function own<T>(all: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return all && Object.hasOwn(all, name) ? all[name] : undefined;
}
