/** A workflow's queues: one for each node, one for control, and one for what came to nothing too often. */
import { Duration } from "aws-cdk-lib";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { controlQueue, nodeQueue } from "../contract/ids.ts";
import { deadLetterQueueName, queueName } from "../contract/names.ts";
import { AFTER_ATTEMPT_MS } from "../engine/context.ts";
import { type Graph, longestMs } from "../model/graph.ts";
import { reachOf } from "../model/reach.ts";
import { MOST_RECEIVES } from "../ports/transport.ts";
import { AROUND_NODE_MS } from "./check-workflow.ts";
import type { Platform } from "./platform.ts";

/** The most that SQS keeps a message; the step log keeps what it refers to for longer. */
const RETENTION = Duration.days(14);
/** What an invocation may be late by. */
const DELIVERY_MS = 5_000;
/** Time to look through a large execution, and for inline nodes that follow a start. */
const CONTROL_MS = 120_000;

/** Enough for the node or any one that runs inline after it. One that finds too little left takes its own queue. */
export function nodeTimeout(graph: Graph, node: string): Duration {
  const run = [node, ...reachOf(graph, { node }).inline].map((name) => longestMs(graph, name));
  return Duration.millis(Math.ceil((Math.max(...run) + AROUND_NODE_MS) / 1000) * 1000);
}
export const CONTROL_TIMEOUT = Duration.millis(CONTROL_MS);

export class WorkflowQueues extends Construct {
  readonly control: IQueue;
  readonly dead: IQueue;
  readonly #nodes: ReadonlyMap<string, IQueue>;
  readonly #platform: Platform;

  constructor(scope: Construct, id: string, { platform, graph }: { platform: Platform; graph: Graph }) {
    super(scope, id);
    const { workflow, nodes } = graph;
    this.#platform = platform;
    this.dead = this.#queue("dead", deadLetterQueueName(platform.name, workflow), CONTROL_TIMEOUT);
    const named = (name: string) => queueName(platform.name, name);
    this.control = this.#queue("control", named(controlQueue(workflow)), CONTROL_TIMEOUT, this.dead);
    this.#nodes = new Map(
      Object.keys(nodes).map((node) => [
        node,
        this.#queue(`node-${node}`, named(nodeQueue(workflow, node)), nodeTimeout(graph, node), this.dead),
      ]),
    );
  }

  of(node: string): IQueue {
    const queue = this.#nodes.get(node);
    if (!queue) throw new Error(`no queue of '${node}'`);
    return queue;
  }

  /** Where messages wait for a function. */
  get all(): readonly IQueue[] {
    return [this.control, ...this.#nodes.values()];
  }

  /**
   * A message stays out of sight for longer than its function may run and its step may be held: whoever gets it again
   * finds the lease at its end, by whichever clock.
   */
  #queue(id: string, queueName: string, timeout: Duration, dead?: IQueue): Queue {
    const { clockMargin, removalPolicy } = this.#platform;
    return new Queue(this, id, {
      queueName,
      visibilityTimeout: Duration.millis(
        timeout.toMilliseconds() + AFTER_ATTEMPT_MS + clockMargin.toMilliseconds() + DELIVERY_MS,
      ),
      retentionPeriod: RETENTION,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      ...(dead && { deadLetterQueue: { queue: dead, maxReceiveCount: MOST_RECEIVES } }),
      removalPolicy,
    });
  }
}
