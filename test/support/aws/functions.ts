/** A workflow's functions, as the deployment would make them, in the test's own process: each with a poller on its queue. */
import { setTimeout as sleep } from "node:timers/promises";
import type { RequestNote } from "../../../lib/adapters/aws/requests.ts";
import { controlQueue, type ExecutionName, nodeQueue } from "../../../lib/contract/ids.ts";
import { type Header, hasEnded, type LogRecord } from "../../../lib/kernel/record.ts";
import { controlHandler, nodeHandler, type SqsFunction, type WorkflowValue } from "../../../lib/lambda/index.ts";
import type { HandlerMap } from "../../../lib/node/in-process.ts";
import { type Poller, poll } from "./poller.ts";
import type { QueueOptions, TestPlatform } from "./test-platform.ts";

export interface FunctionOptions extends QueueOptions {
  readonly workflow: WorkflowValue;
  readonly handlers: HandlerMap;
  /** How many messages a function is given at once. Default 10, as in a deployment. */
  readonly batchSize?: number;
  /** A node whose function dies before it does anything, each time that this says so. */
  readonly dying?: { readonly node: string; readonly dies: (invocation: number) => boolean };
}

export interface Functions {
  /** Requests that the functions made so far, by function: `order`, `order.charge`. */
  readonly requests: ReadonlyMap<string, readonly RequestNote[]>;
  readonly pollers: ReadonlyMap<string, Poller>;
  ended(name: ExecutionName): Promise<Ended>;
  quiet(): Promise<void>;
  stop(): Promise<void>;
}
export interface Ended {
  readonly header: Header;
  readonly records: ReadonlyMap<string, LogRecord>;
}

export async function runFunctions(platform: TestPlatform, options: FunctionOptions): Promise<Functions> {
  const { workflow, handlers } = options;
  const { graph } = workflow.program;
  const nodes = Object.keys(graph.nodes);
  await platform.createQueues(graph.workflow, nodes, options);
  if (graph.trigger) await platform.subscribe(graph.workflow, graph.trigger.event);

  const requests = new Map<string, RequestNote[]>();
  const pollers = new Map<string, Poller>();
  const where = (queue: string) => {
    const notes: RequestNote[] = [];
    requests.set(queue, notes);
    return {
      environment: platform.environment,
      aws: { ...platform.aws, onRequest: (n: RequestNote) => notes.push(n) },
    };
  };
  /** As the deployment has it. */
  const timeoutMs = (node?: string) => (node === undefined ? 120_000 : (graph.nodes[node]?.timeoutMs ?? 0) + 15_000);
  const start = (queue: string, handler: SqsFunction, place = platform.queue(queue)) =>
    poll({
      ...{ ...place, handler, functionTimeoutMs: timeoutMs(queue.split(".")[1]) },
      ...(options.batchSize !== undefined && { batchSize: options.batchSize }),
    });
  for (const node of nodes) {
    const queue = nodeQueue(graph.workflow, node);
    pollers.set(queue, start(queue, mortal(nodeHandler({ workflow, node, handlers }, where(queue)), node, options)));
  }
  const control = controlQueue(graph.workflow);
  const handler = controlHandler({ workflow, handlers }, where(control));
  pollers.set(control, start(control, handler));
  pollers.set(`${control}~dead`, start(control, handler, platform.deadLetterQueue(control)));

  const { log } = platform.ports();
  const quiet = async () => {
    for (let calm = 0; calm < 2; ) {
      const all = await Promise.all([...pollers.values()].map((poller) => poller.isQuiet()));
      calm = all.every(Boolean) ? calm + 1 : 0;
      if (calm < 2) await sleep(20);
    }
  };
  return {
    ...{ requests, pollers, quiet },
    ended: async (name) => {
      for (const untilMs = Date.now() + 60_000; ; await sleep(50)) {
        const header = await log.header(name);
        if (header && hasEnded(header)) return { header, records: await log.list(name) };
        if (Date.now() > untilMs) throw new Error(`${name.workflow}/${name.id} has not ended: ${header?.status}`);
      }
    },
    stop: async () => {
      await Promise.all([...pollers.values()].map((poller) => poller.stop()));
    },
  };
}

function mortal(handler: SqsFunction, node: string, { dying }: FunctionOptions): SqsFunction {
  if (dying?.node !== node) return handler;
  let invocation = 0;
  return async (event, context) => {
    if (dying.dies(invocation++)) throw new Error("the process exited");
    return handler(event, context);
  };
}
