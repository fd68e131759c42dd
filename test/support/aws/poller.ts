/**
 * Plays Lambda's event source mapping for a queue: receives a batch, calls the function, deletes what did not fail. Reads
 * the answer as Lambda does ("Implementing partial batch responses"): nothing named is a success of all, an answer that
 * names what was not in the batch a failure of all, and so is an error.
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

export interface PollerOptions {
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
  readonly handler: (event: SQSEvent, context: Context) => Promise<unknown>;
  /** Default 30 s. */
  readonly functionTimeoutMs?: number;
  /** Default 10. */
  readonly batchSize?: number;
}

export interface Poller {
  /** Told of what the function threw, each time. */
  readonly errors: readonly unknown[];
  /** How often the function was called. */
  readonly invocations: () => number;
  /** Whether nothing is in the queue or in the function now. What is out of sight does not count. */
  isQuiet(): Promise<boolean>;
  /** Waits for what is being received. */
  stop(): Promise<void>;
}

export function poll(options: PollerOptions): Poller {
  const { client, url, arn, handler, functionTimeoutMs = 30_000, batchSize = 10 } = options;
  const ending = new AbortController();
  const errors: unknown[] = [];
  let invocations = 0;
  let busy = false;

  const receive = async (): Promise<readonly Message[]> => {
    const command = new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: batchSize,
      WaitTimeSeconds: 1,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    try {
      const { Messages = [] } = await client.send(command, { abortSignal: ending.signal });
      return Messages;
    } catch (error) {
      if (ending.signal.aborted) return [];
      errors.push(error);
      await sleep(100);
      return [];
    }
  };
  const invoke = async (messages: readonly Message[]): Promise<void> => {
    invocations++;
    const untilMs = Date.now() + functionTimeoutMs;
    const event = { Records: messages.map((message) => recordOf(message, arn)) };
    let failed: ReadonlySet<string> | "all";
    try {
      failed = failedOf(await handler(event, invocationContext(untilMs, `${arn}#${invocations}`)), messages);
    } catch (error) {
      errors.push(error);
      failed = "all";
    }
    const done = messages.filter(({ MessageId = "" }) => failed !== "all" && !failed.has(MessageId));
    if (done.length === 0) return;
    const Entries = done.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries }));
  };
  const work = async () => {
    while (!ending.signal.aborted) {
      const messages = await receive();
      if (messages.length === 0) continue;
      busy = true;
      await invoke(messages);
      busy = false;
    }
  };
  const working = work();
  return {
    errors,
    invocations: () => invocations,
    isQuiet: async () => {
      if (busy) return false;
      const AttributeNames = ["ApproximateNumberOfMessages" as const];
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames }));
      return !busy && Attributes?.ApproximateNumberOfMessages === "0";
    },
    stop: async () => {
      ending.abort();
      await working;
    },
  };
}

export function recordOf(message: Message, arn: string): SQSRecord {
  const { MessageId = "", ReceiptHandle = "", Body = "", MD5OfBody = "", Attributes = {} } = message;
  return {
    ...{ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body, md5OfBody: MD5OfBody },
    attributes: Attributes as unknown as SQSRecord["attributes"], // asked for them all
    messageAttributes: {},
    eventSource: "aws:sqs",
    eventSourceARN: arn,
    awsRegion: arn.split(":")[3] ?? "",
  };
}

export function invocationContext(untilMs: number, awsRequestId = "request"): Context {
  const none = () => {};
  return {
    ...{ functionName: "function", functionVersion: "$LATEST", memoryLimitInMB: "512", awsRequestId },
    ...{ invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:function" },
    ...{ logGroupName: "group", logStreamName: "stream", callbackWaitsForEmptyEventLoop: true },
    ...{ done: none, fail: none, succeed: none },
    getRemainingTimeInMillis: () => Math.max(0, untilMs - Date.now()),
  };
}

function failedOf(answer: unknown, messages: readonly Message[]): ReadonlySet<string> | "all" {
  const failures = (answer as SQSBatchResponse | null | undefined)?.batchItemFailures;
  if (!failures) return new Set();
  const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  const sent = new Set(messages.map(({ MessageId }) => MessageId));
  return [...failed].every((id) => sent.has(id)) ? failed : "all";
}
