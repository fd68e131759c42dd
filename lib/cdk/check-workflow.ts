/** What can be told of a workflow before it is deployed, besides what its builder tells. */
import { PawlError } from "../errors.ts";
import { type Graph, longestMs, SUPPORTED, statesOf } from "../model/graph.ts";
import { type Reach, reachOf } from "../model/reach.ts";

/** "Lambda quotas": a function ends after 15 minutes. */
const LONGEST_FUNCTION_MS = 900_000;
/** What a function has beyond its node's time: to start, to settle, to dispatch, to answer. */
export const AROUND_NODE_MS = 15_000;
/** Steps that one message may carry: a crash walks through all of them again. */
const MOST_INLINE = 100;

export function problemsOf(graph: Graph): readonly PawlError[] {
  return [...unsupported(graph), ...tooSlow(graph), ...tooLong(graph)];
}

function unsupported(graph: Graph): PawlError[] {
  const states = [...statesOf(graph.root)].filter(([, { kind }]) => !SUPPORTED.has(kind));
  return states.map(([path, { kind }]) => refused(graph, `a state of kind '${kind}' at ${path} cannot be run yet`));
}

function tooSlow(graph: Graph): PawlError[] {
  const most = LONGEST_FUNCTION_MS - AROUND_NODE_MS;
  const all = Object.keys(graph.nodes).map((name) => ({ name, timeoutMs: longestMs(graph, name) }));
  const slow = all.filter(({ timeoutMs }) => timeoutMs > most);
  return slow.map(({ name, timeoutMs }) =>
    refused(graph, `the node '${name}' may take ${timeoutMs / 1000} s, and a Lambda has ${most / 1000} s: split it`),
  );
}

function tooLong(graph: Graph): PawlError[] {
  const tasks = [...statesOf(graph.root)].flatMap(([, state]) => (state.kind === "task" ? [state.node] : []));
  const tell = (who: string, { inline }: Reach): PawlError[] => {
    const steps = tasks.filter((node) => inline.includes(node)).length;
    if (steps <= MOST_INLINE) return [];
    return [
      refused(graph, `${who} may run ${steps} inline steps in one go, and ${MOST_INLINE} is the most: queue one`),
    ];
  };
  return [
    ...tell("the control function", reachOf(graph, "control")),
    ...Object.keys(graph.nodes).flatMap((node) => tell(`the function of '${node}'`, reachOf(graph, { node }))),
  ];
}

const refused = ({ workflow }: Graph, what: string): PawlError =>
  new PawlError("invalid_workflow", `workflow '${workflow}' cannot be deployed: ${what}`, { workflow });
