import { nodeQueue } from "../contract/ids.ts";
import { receiveStep } from "../engine/attempt.ts";
import { AFTER_ATTEMPT_MS } from "../engine/context.ts";
import { PawlError } from "../errors.ts";
import { nodeAtPath } from "../kernel/address.ts";
import { longestAttemptMs } from "../model/attempt-time.ts";
import { servedBy, servedNodes } from "../model/program.ts";
import type { HandlerMap } from "../node/in-process.ts";
import type { Outcome } from "../ports/transport.ts";
import { type Deployment, deployed, openContainer } from "./container.ts";
import { type SqsFunction, sqsFunction } from "./sqs-function.ts";
import type { WorkflowValue } from "./workflow-in.ts";

export interface NodeFunction {
  readonly workflow: WorkflowValue;
  readonly node: string;
  /** Its own, and those of inline nodes that may follow in the same invocation. */
  readonly handlers: HandlerMap;
}

/**
 * The Lambda function of a node: receives the messages of its queue.
 *
 * @throws PawlError `usage`, `invalid_workflow`, `handlers_mismatch`, `invalid_handler`: the container does not start
 */
export function nodeHandler({ workflow, node, handlers }: NodeFunction, where: Deployment = deployed()): SqsFunction {
  const { program } = workflow;
  const { workflow: name } = program.graph;
  const nodes = servedNodes(program);
  const spec = Object.hasOwn(nodes, node) ? nodes[node] : undefined;
  if (!spec || !Object.hasOwn(handlers, servedBy(program, node)))
    throw new PawlError("handlers_mismatch", `the function of '${node}' lacks its ${spec ? "handler" : "node"}`, {
      workflow: name,
      node,
    });
  const container = openContainer({ program, handlers, queue: nodeQueue(name, node) }, where);
  return sqsFunction(container, {
    events: false,
    neededMs: Math.max(spec.timeoutMs, longestAttemptMs(program.graph, node)) + AFTER_ATTEMPT_MS,
    receiveIn: (context) => async (delivery) => {
      const { envelope } = delivery;
      if (envelope.kind !== "step") return bury(`a message of kind '${envelope.kind}' in a node's queue`);
      if (envelope.workflow !== name)
        return bury(`a message for workflow '${envelope.workflow}' in a queue of '${name}'`);
      const known = await context.programs.of(name, envelope.graph);
      const at = known && nodeAtPath(known.graph, envelope.path);
      if (known && at !== node) return bury(`a message for ${at ? `'${at}'` : "no node"} in the queue of '${node}'`);
      return receiveStep(context, delivery, envelope);
    },
  });
}

const bury = (reason: string): Outcome => ({ kind: "bury", reason });
