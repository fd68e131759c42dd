/** The files that Lambdas begin with: what each bundle holds follows from what its entry names. */
import { type DeployedGraph, reachOf } from "../model/reach.ts";

export interface LambdaEntry {
  /** What its file is named after. No node's name has a hyphen. */
  readonly name: string;
  readonly text: string;
}

export const CONTROL_ENTRY = "control-function";
export const CALLBACK_ENTRY = "callback-function";

/** @param modules what an entry imports: the workflow's file, and each node's, as seen from the entry's own */
export function nodeEntry(node: string, graph: DeployedGraph, modules: Modules): LambdaEntry {
  const rides = reachOf(graph, { node }).inline.filter((other) => other !== node);
  const text = entryText("nodeHandler", [node, ...rides], modules, `node: ${JSON.stringify(node)}, `);
  return { name: node, text };
}

export function controlEntry(graph: DeployedGraph, modules: Modules): LambdaEntry {
  const text = entryText("controlHandler", reachOf(graph, "control").inline, modules, "");
  return { name: CONTROL_ENTRY, text };
}

/** It runs no handler: the graph and the signals' schemas are all that it needs. */
export const callbackEntry = ({ workflow }: Modules): LambdaEntry => ({
  name: CALLBACK_ENTRY,
  text: `import { callbackHandler, workflowIn } from "pawl/lambda";
import * as file from ${JSON.stringify(workflow)};

export const handler = callbackHandler({ workflow: workflowIn(file) });
`,
});

export interface Modules {
  readonly workflow: string;
  /** Of a node that is retired, another one's may serve it. */
  readonly servedBy?: (node: string) => string;
  readonly handler: (node: string) => string;
}

function entryText(
  make: "nodeHandler" | "controlHandler",
  served: readonly string[],
  of: Modules,
  more: string,
): string {
  const nodes = [...new Set(served.map(of.servedBy ?? String))];
  return `import { ${make}, workflowIn } from "pawl/lambda";
import * as file from ${JSON.stringify(of.workflow)};
${nodes.map((node) => `import { handler as ${local(node)} } from ${JSON.stringify(of.handler(node))};\n`).join("")}
export const handler = ${make}({
  workflow: workflowIn(file),
  ${more}handlers: { ${nodes.map((node) => `${node}: ${local(node)}`).join(", ")} },
});
`;
}

/** A node may be named as a word that JavaScript keeps for itself. */
const local = (node: string): string => `handler_${node}`;
