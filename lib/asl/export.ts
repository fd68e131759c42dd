/** A graph as a definition, where it can be one: a function of the code at hand has no form in a definition. */
import type { Data, Graph, NodeSpec, Scope, State } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { invalidDefinition, type Problem } from "./problems.ts";

interface Exported {
  readonly problems: Problem[];
  readonly graph: Graph;
  /** Of a node's function. */
  readonly arnOf: (node: string) => string;
}

type AslState = Readonly<Record<string, Json>>;

/** @throws PawlError `invalid_definition` with every state that cannot be expressed, and why */
export function exportDefinition(graph: Graph, arnOf: (node: string) => string): Json {
  const of: Exported = { problems: [], graph, arnOf };
  const machine = machineOf(graph.root, "", of);
  if (graph.output.kind !== "previous") refuse(of, "output", "is a function");
  if (of.problems.length > 0) throw invalidDefinition(of.problems);
  const { timeoutMs } = graph;
  return { ...machine, ...(timeoutMs !== undefined && { TimeoutSeconds: timeoutMs / 1000 }) };
}

function refuse({ problems }: Exported, path: string, message: string): void {
  problems.push({ code: "UNSUPPORTED", message, path, rule: "What a definition can express" });
}

/** Names are unique in a whole machine, so a state's is its path. */
function machineOf({ start, states }: Scope, prefix: string, of: Exported): { StartAt: string; States: Json } {
  const nothing = `${prefix}nothing`;
  if (start === null) return { StartAt: nothing, States: { [nothing]: { Type: "Pass", End: true } } };
  const made = Object.entries(states).map(([name, state]) => {
    const path = prefix + name;
    const next = "next" in state && state.next !== null ? { Next: prefix + state.next } : { End: true };
    const ends = state.kind === "fail" || state.kind === "succeed";
    return [path, { ...stateOf(state, path, of), ...(ends ? {} : next) }] as const;
  });
  return { StartAt: prefix + start, States: Object.fromEntries(made) };
}

function stateOf(state: State, path: string, of: Exported): AslState {
  switch (state.kind) {
    case "task": {
      const node = of.graph.nodes[state.node];
      if (!node) throw new Error(`the graph has no node '${state.node}'`);
      if (state.undo) refuse(of, path, "is undone, which a state machine does not do by itself");
      return {
        Type: "Task",
        Resource: of.arnOf(state.node),
        ...taken(state.input, path, of),
        ...attemptsOf(node, state),
      };
    }
    case "set":
      return state.value.kind === "constant"
        ? { Type: "Pass", Result: state.value.value }
        : { Type: "Pass", ...taken(state.value, path, of) };
    case "wait":
      if (state.forMs === undefined) refuse(of, path, "waits until a time that a function gives");
      return { Type: "Wait", Seconds: Math.ceil((state.forMs ?? 0) / 1000) };
    case "parallel": {
      const branches = Object.entries(state.branches);
      const made = branches.map(([name, scope]) => machineOf(scope, `${path}.${name}.`, of));
      const selected = Object.fromEntries(branches.map(([name], i) => [`${name}.$`, `$[${i}]`]));
      return { Type: "Parallel", Branches: made, ResultSelector: selected };
    }
    case "map":
      if (state.tolerate || state.results) refuse(of, path, "leaves its results in a form of Pawl's own");
      return {
        Type: "Map",
        ...taken(state.over, path, of),
        MaxConcurrency: state.concurrency,
        ItemProcessor: { ProcessorConfig: { Mode: "INLINE" }, ...machineOf(state.each, `${path}.`, of) },
      };
    case "fail":
      if (state.message.kind !== "constant") refuse(of, path, "its message is a function");
      return {
        Type: "Fail",
        Error: state.code,
        Cause: state.message.kind === "constant" ? String(state.message.value) : "",
      };
    case "succeed":
      return { Type: "Succeed", ...taken(state.output, path, of) };
    default:
      refuse(of, path, `is a ${state.kind}, which has functions or waits in a way of Pawl's own`);
      return { Type: "Pass" };
  }
}

/** What a state takes: what came before, or nothing that a definition can say. */
function taken(data: Data, path: string, of: Exported): AslState {
  if (data.kind === "constant") return { Parameters: data.value };
  if (data.kind !== "previous") refuse(of, path, "what it takes is worked out by a function");
  return {};
}

const attemptsOf = ({ retry, timeoutMs }: NodeSpec, own: { readonly timeoutMs?: number }): AslState => ({
  TimeoutSeconds: Math.ceil((own.timeoutMs ?? timeoutMs) / 1000),
  ...(retry.maxAttempts > 1 && {
    Retry: [
      {
        ErrorEquals: [...(retry.codes ?? ["States.ALL"])],
        IntervalSeconds: Math.max(1, Math.round(retry.firstDelayMs / 1000)),
        MaxAttempts: retry.maxAttempts - 1,
        BackoffRate: retry.rate,
        ...(retry.maxDelayMs > retry.firstDelayMs && { MaxDelaySeconds: Math.ceil(retry.maxDelayMs / 1000) }),
        JitterStrategy: retry.jitter === false ? "NONE" : "FULL",
      },
    ],
  }),
});
