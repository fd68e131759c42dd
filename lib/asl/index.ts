/**
 * `pawl/asl`: state machines in Amazon States Language, as workflows.
 *
 * ```ts
 * import machine from "./claim.asl.json" with { type: "json" };
 * export const claim = fromAsl(machine, { name: "claim", functions: { CheckPolicy: checkPolicy, Pay: pay } });
 * ```
 */
import { z } from "zod";
import { Contracts } from "../model/compile/contracts.ts";
import { Problems } from "../model/compile/problems.ts";
import { type Node, signal } from "../model/contracts.ts";
import type { Graph } from "../model/graph.ts";
import type { Json } from "../model/json.ts";
import { hashOf, type Program } from "../model/program.ts";
import type { Workflow } from "../model/types.ts";
import type { Definition, TaskState } from "./definition.ts";
import { dialectOf } from "./dialect.ts";
import { functionOf } from "./resource.ts";
import { type Called, scopeOf } from "./states.ts";
import { TaskAnswer, TOKEN_SIGNAL } from "./task-token.ts";
import { supportedDefinition } from "./unsupported.ts";

export type { Definition } from "./definition.ts";
export { parseToken, type TaskAnswer, type TaskToken } from "./task-token.ts";

export interface AslOptions {
  /** The workflow's name. */
  readonly name: string;
  /**
   * The node in place of each function, by the function's name: the last part of its ARN, or the `FunctionName` of
   * `lambda:invoke`. Where that is worked out while it runs, any of them may be called.
   */
  readonly functions: Readonly<Record<string, Node>>;
  /**
   * The buckets that item readers read in whose definition works theirs out while it runs. One that names its bucket needs
   * no mention. Default none.
   */
  readonly buckets?: readonly string[];
  /** Express machines may do less, and their context object says so. Default `STANDARD`. */
  readonly type?: "STANDARD" | "EXPRESS";
  /** What names in the context object begin with. Default `arn:aws:states:us-east-1:000000000000`. */
  readonly arn?: string;
}

/** A workflow whose input and output are whatever its definition says. */
export interface AslWorkflow extends Workflow<Json, Json> {
  readonly definition: Definition;
}

/**
 * A state machine as a workflow, on the same graph and the same engine: its states are states, its functions nodes.
 *
 * @param definition JSON; `pawl asl import` makes it of YAML and JSON5
 * @throws PawlError `invalid_definition` with every problem of the definition, and with what is not supported;
 *   `invalid_workflow` when a function has no node, a name is refused, or a bucket is worked out and `buckets` names none
 */
export function fromAsl(definition: unknown, options: AslOptions): AslWorkflow {
  const { name, type = "STANDARD", arn = NO_ACCOUNT } = options;
  const valid = supportedDefinition(definition, type);
  const program = programOf(valid, options);
  const dialect = dialectOf({ definition: valid as unknown as Json, arn, express: type === "EXPRESS" });
  // `~i` and `~out` are types alone.
  return { kind: "workflow", name, definition: valid, program: { ...program, dialect } } as unknown as AslWorkflow;
}

const TASK_TOKEN = signal(TOKEN_SIGNAL, { data: TaskAnswer });
const NO_ACCOUNT = "arn:aws:states:us-east-1:000000000000";

function programOf(definition: Definition, { name, functions, buckets = [] }: AslOptions): Program {
  const problems = new Problems();
  problems.name("workflow", "the name", name);
  const contracts = new Contracts(problems);
  const nodesOf = (task: TaskState, where: string): Called => {
    const { name: called, payload, token = false } = functionOf(task);
    const nodes: Record<string, string> = {};
    for (const one of called === undefined ? Object.keys(functions) : [called]) {
      const node = Object.hasOwn(functions, one) ? functions[one] : undefined;
      if (node) nodes[one] = contracts.node(where, node).name;
      else problems.add(where, `the function '${one}' has no node: give it in \`functions\``);
    }
    if (token && called === undefined)
      problems.add(where, "waits for a token, so its FunctionName has to be a text, not one that is worked out");
    if (token) contracts.signal(where, TASK_TOKEN);
    return { nodes, payload, token, isDynamic: called === undefined };
  };
  const bucketsOf = (where: string): readonly string[] => {
    if (buckets.length === 0)
      problems.add(where, "works out which bucket its items are read in: name those that it may be in `buckets`");
    return buckets;
  };
  const root = scopeOf(definition, { nodesOf, bucketsOf });
  problems.raise(name);
  const { TimeoutSeconds } = definition;
  const graph: Graph = {
    format: 1,
    workflow: name,
    input: {},
    nodes: contracts.nodeSpecs,
    events: {},
    signals: contracts.signalSpecs,
    ...(TimeoutSeconds !== undefined && { timeoutMs: TimeoutSeconds * 1000 }),
    root,
    output: { kind: "previous" },
  };
  const { nodes, signals } = contracts;
  const input = z.json() as unknown as z.ZodType<Json>; // its own type has no undefined, and no readonly
  return { graph, hash: hashOf(graph), slots: {}, nodes, events: {}, signals, calls: {}, input };
}
