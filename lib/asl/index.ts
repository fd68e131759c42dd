/** `pawl/asl`: state machines in Amazon States Language, as workflows. */
import { z } from "zod";
import { Contracts } from "../model/compile/contracts.ts";
import { Problems } from "../model/compile/problems.ts";
import type { Node } from "../model/contracts.ts";
import type { Graph } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { hashOf, type Program } from "../model/program.ts";
import type { Definition, TaskState } from "./definition.ts";
import { dialectOf } from "./dialect.ts";
import { functionOf } from "./resource.ts";
import { type Called, scopeOf } from "./states.ts";

export interface AslOptions {
  /** The workflow's name. */
  readonly name: string;
  /** The node in place of each function, by the function's name. */
  readonly functions: Readonly<Record<string, Node>>;
  /** Express machines may do less, and their context object says so. Default `STANDARD`. */
  readonly type?: "STANDARD" | "EXPRESS";
  /** What names in the context object begin with. Default `arn:aws:states:us-east-1:000000000000`. */
  readonly arn?: string;
}

export interface AslWorkflow {
  readonly kind: "workflow";
  readonly name: string;
  readonly program: Program;
  readonly definition: Definition;
}

/**
 * A state machine as a workflow.
 *
 * @throws PawlError `invalid_definition` with every problem of the definition, `invalid_workflow` of the names
 */
export function fromAsl(definition: Definition, options: AslOptions): AslWorkflow {
  const { name, functions } = options;
  const problems = new Problems();
  problems.name("workflow", "the name", name);
  const contracts = new Contracts(problems);
  const nodesOf = (task: TaskState, where: string): Called => {
    const { name: called, payload } = functionOf(task);
    const names = called === undefined ? Object.keys(functions) : [called];
    const nodes: Record<string, string> = {};
    for (const one of names) {
      const node = Object.hasOwn(functions, one) ? functions[one] : undefined;
      if (!node) problems.add(where, `the function '${one}' has no node: give it in \`functions\``);
      else nodes[one] = contracts.node(where, node).name;
    }
    return { nodes, payload, isDynamic: called === undefined };
  };
  const root = scopeOf(definition, { nodesOf });
  problems.raise(name);
  const graph: Graph = {
    format: 1,
    workflow: name,
    input: {},
    nodes: contracts.nodeSpecs,
    events: {},
    signals: {},
    ...(definition.TimeoutSeconds !== undefined && { timeoutMs: definition.TimeoutSeconds * 1000 }),
    root,
    output: { kind: "previous" },
  };
  let hash: string | undefined;
  const program: Program = {
    graph,
    get hash() {
      hash ??= hashOf(graph);
      return hash;
    },
    slots: {},
    nodes: contracts.nodes,
    events: {},
    signals: {},
    calls: {},
    input: z.json() as unknown as z.ZodType<Json>,
    dialect: dialectOf({ arn: options.arn ?? NO_ACCOUNT, express: options.type === "EXPRESS" }),
  };
  return { kind: "workflow", name, program, definition };
}

const NO_ACCOUNT = "arn:aws:states:us-east-1:000000000000";
