/**
 * What a deployed function reaches, made once per container. Whatever most invocations do without (payload store,
 * scheduler, event bus) is loaded when it is first asked for, which keeps a cold start short.
 */
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Environment } from "../../contract/environment.ts";
import { busName, queueName, scheduleGroupName, tableName } from "../../contract/names.ts";
import { PawlError } from "../../errors.ts";
import type { Objects } from "../../model/objects.ts";
import type { CallbackKeys } from "../../ports/callback-keys.ts";
import type { EventBus } from "../../ports/event-bus.ts";
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { DynamoDeadLetters } from "./dead-letters.ts";
import { lazyPayloads } from "./lazy-payloads.ts";
import { once } from "./once.ts";
import { SqsReceived } from "./received.ts";
import { DynamoStepLog } from "./step-log.ts";
import { SqsTransport, sqsClient } from "./transport.ts";

export interface FunctionPorts {
  readonly log: DynamoStepLog;
  readonly transport: SqsTransport;
  readonly bus: EventBus;
  readonly payloads: PayloadStore;
  readonly deadLetters: DynamoDeadLetters;
  readonly received: SqsReceived;
  readonly callbackKeys: CallbackKeys;
  readonly objects: Objects;
}

export function openFunctionPorts(environment: Environment, aws: AwsOptions = {}): FunctionPorts {
  const { platform, queues } = environment;
  const db = awsClient(DynamoDBClient, aws);
  const sqs = sqsClient(aws);
  const payloads = lazyPayloads(async () => environment.bucket, aws);
  const records = { client: db, table: tableName(platform), payloads };
  return {
    log: new DynamoStepLog(records),
    deadLetters: new DynamoDeadLetters(records),
    payloads,
    bus: lazyBus(environment, aws),
    transport: new SqsTransport({
      client: sqs,
      queueUrl: (queue) => queues + queueName(platform, queue),
      scheduler: lazyScheduler(environment, aws, payloads),
      payloads,
    }),
    received: new SqsReceived({ client: sqs, urlOf: (name) => queues + name }),
    callbackKeys: lazyCallbackKeys(environment, aws),
    objects: lazyObjects(aws),
  };
}

function lazyBus({ platform }: Environment, aws: AwsOptions): EventBus {
  const bus = once(async () => {
    const { EventBridgeBus, eventBridgeClient } = await import("./event-bus.ts");
    return new EventBridgeBus({ client: eventBridgeClient(aws), bus: busName(platform) });
  });
  return { put: async (events) => (await bus()).put(events) };
}

/** Few workflows read any. */
function lazyObjects(aws: AwsOptions): Objects {
  const opened = once(async () => {
    const [{ s3Client }, { s3Objects }] = await Promise.all([import("./payload-store.ts"), import("./s3-objects.ts")]);
    return s3Objects(s3Client(aws));
  });
  return {
    get: async function* (object) {
      yield* (await opened()).get(object);
    },
    list: async function* (listing) {
      yield* (await opened()).list(listing);
    },
  };
}

function lazyCallbackKeys({ callbackSecret: secret }: Environment, aws: AwsOptions): CallbackKeys {
  const keys = once(async () => {
    if (secret === undefined)
      throw new PawlError("usage", "this function was deployed without a key of callbacks: deploy the workflow again");
    const { SecretCallbackKeys, secretsClient } = await import("./callback-keys.ts");
    return new SecretCallbackKeys({ client: secretsClient(aws), secret });
  });
  return { current: async () => (await keys()).current(), byId: async (id) => (await keys()).byId(id) };
}

function lazyScheduler(environment: Environment, aws: AwsOptions, payloads: PayloadStore): Scheduler {
  const { platform, schedulerRole, queueArns } = environment;
  const scheduler = once(async () => {
    const { EventBridgeScheduler, schedulerClient } = await import("./scheduler.ts");
    return new EventBridgeScheduler({
      client: schedulerClient(aws),
      group: scheduleGroupName(platform),
      roleArn: schedulerRole,
      queueArn: (queue) => queueArns + queueName(platform, queue),
      payloads,
    });
  });
  return { sendAt: async (timeMs, message) => (await scheduler()).sendAt(timeMs, message) };
}
