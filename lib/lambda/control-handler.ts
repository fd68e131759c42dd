import { once } from "../adapters/aws/once.ts";
import type { EnvelopeOf } from "../contract/envelope.ts";
import { controlQueue } from "../contract/ids.ts";
import type { Context } from "../engine/context.ts";
import { receiveControl, startMessage } from "../engine/control.ts";
import { isPawlError } from "../errors.ts";
import { nodeAtPath } from "../kernel/address.ts";
import type { HandlerMap } from "../node/in-process.ts";
import type { Delivery, Outcome } from "../ports/transport.ts";
import { type Deployment, deployed, openContainer } from "./container.ts";
import { type SqsFunction, sqsFunction } from "./sqs-function.ts";
import type { WorkflowValue } from "./workflow-in.ts";

export interface ControlFunction {
  readonly workflow: WorkflowValue;
  /** Those of inline nodes that may follow a start, or a join that a dead letter completes. */
  readonly handlers: HandlerMap;
}

/** A message of control's takes little, and inline nodes that have no time left here go to their own queues. */
const NEEDED_MS = 10_000;

/**
 * The control function of a workflow: starts executions from events and messages, ends them, looks after dead letters.
 *
 * @throws PawlError `usage`, `invalid_workflow`, `handlers_mismatch`, `invalid_handler`: the container does not start
 */
export function controlHandler({ workflow, handlers }: ControlFunction, where: Deployment = deployed()): SqsFunction {
  const { program } = workflow;
  const container = openContainer({ program, handlers, queue: controlQueue(program.graph.workflow) }, where);
  // The graph lies in the log before an execution starts on it. Once per container; when that fails, with the next message.
  const stored = once(() => container.ports.log.putGraph(program.hash, program.graph));
  return sqsFunction(container, {
    events: true,
    neededMs: NEEDED_MS,
    receiveIn: (context) => async (delivery) => {
      const checked = await check(context, delivery);
      if ("kind" in checked) return checked;
      await stored();
      return receiveControl(context, checked);
    },
  });

  async function check(context: Context, delivery: Delivery): Promise<Delivery | Outcome> {
    const { envelope } = delivery;
    const { workflow: name } = program.graph;
    if (envelope.workflow !== name)
      return { kind: "bury", reason: `a message for workflow '${envelope.workflow}' in a queue of '${name}'` };
    // What another execution calls is looked at by the engine, which tells the caller.
    if (envelope.kind === "start" && envelope.trigger.kind !== "call") return checkStart(context, delivery, envelope);
    if (envelope.kind !== "step") return delivery;
    if (!delivery.dead) return { kind: "bury", reason: "a step's message in the control queue" };
    const known = await context.programs.of(name, envelope.graph);
    if (!known || nodeAtPath(known.graph, envelope.path)) return delivery;
    return { kind: "bury", reason: `a message for ${envelope.path}, where the graph has no task` };
  }

  /** Whoever may send to the queue may send anything: what starts has been looked at. */
  function checkStart(
    { limits }: Context,
    delivery: Delivery,
    { id, input, trigger }: EnvelopeOf<"start">,
  ): Delivery | Outcome {
    try {
      return { ...delivery, envelope: startMessage(program, { id, input, trigger }, limits) };
    } catch (error) {
      if (!isPawlError(error)) throw error;
      return { kind: "bury", reason: `${error.code}: ${error.message}` };
    }
  }
}
