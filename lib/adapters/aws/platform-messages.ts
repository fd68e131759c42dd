/** A deployed platform's queues and bus, as somebody outside sends to them. */
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { Envelope } from "../../contract/envelope.ts";
import { controlQueue } from "../../contract/ids.ts";
import { busName, queueName } from "../../contract/names.ts";
import { PawlError } from "../../errors.ts";
import type { EventOf } from "../../model/contracts.ts";
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { EventBridgeBus } from "./event-bus.ts";
import { type EventKind, EventRules, type Listeners } from "./event-rules.ts";
import { storageFailed } from "./storage-failed.ts";
import { SqsTransport } from "./transport.ts";

export interface Messages {
  /** Whether the workflow is deployed, messages or not. */
  has(workflow: string): Promise<boolean>;
  /** To the workflow's control queue. @throws PawlError `unknown_workflow` when there is none */
  send(message: Envelope): Promise<void>;
  /** @throws PawlError `payload_too_large` */
  put(event: EventOf): Promise<void>;
  /** As of at most a minute ago. */
  listeners(event: EventKind): Promise<Listeners>;
}

export interface MessagesOptions {
  readonly platform: string;
  readonly aws: AwsOptions;
  readonly maxAttempts: number;
  readonly payloads: PayloadStore;
}

export function openMessages({ platform, aws, maxAttempts, payloads }: MessagesOptions): Messages {
  const sqs = awsClient(SQSClient, aws, { maxAttempts, useQueueUrlAsEndpoint: false });
  const events = awsClient(EventBridgeClient, aws, { maxAttempts });
  const queueUrl = remembered((queue) => queueUrlOf(sqs, queueName(platform, queue)));
  const transport = new SqsTransport({
    client: sqs,
    queueUrl: async (queue) => (await queueUrl(queue)) ?? noQueue(platform, queue),
    scheduler: NO_DELAYS,
    payloads,
  });
  const rules = new EventRules(events, platform);
  const bus = new EventBridgeBus({ client: events, bus: busName(platform) });
  return {
    has: async (workflow) => (await queueUrl(controlQueue(workflow))) !== undefined,
    send: (envelope) => transport.send([{ queue: controlQueue(envelope.workflow), envelope }]),
    put: (event) => bus.put([event]),
    listeners: (event) => rules.listeners(event),
  };
}

/** Whoever is outside sends nothing for later. */
const NO_DELAYS: Scheduler = {
  async sendAt() {
    throw new PawlError("internal_error", "a message from outside is not for later");
  },
};

/** Undefined: there is no such queue. */
async function queueUrlOf(client: SQSClient, QueueName: string): Promise<string | undefined> {
  try {
    return (await client.send(new GetQueueUrlCommand({ QueueName }))).QueueUrl;
  } catch (error) {
    const { name } = error as Error;
    if (name === "QueueDoesNotExist" || name === "AWS.SimpleQueueService.NonExistentQueue") return undefined;
    throw storageFailed(`the queue ${QueueName}`, error);
  }
}

function noQueue(platform: string, queue: string): never {
  const what = `the platform '${platform}' has no queue for '${queue}': no such workflow is deployed`;
  throw new PawlError("unknown_workflow", what, { platform, workflow: queue });
}

/** What was found stays; what was not is looked for again. */
function remembered(
  find: (name: string) => Promise<string | undefined>,
): (name: string) => Promise<string | undefined> {
  const known = new Map<string, string>();
  return async (name) => {
    const found = known.get(name) ?? (await find(name));
    if (found !== undefined) known.set(name, found);
    return found;
  };
}
