import type { SQSRecord } from "aws-lambda";
import type { ReceivedMessage } from "../adapters/aws/received.ts";

/** A message of a batch, with what has become of it. */
export interface BatchMessage extends ReceivedMessage {
  readonly messageId: string;
  readonly body: string;
  readonly receives: number;
  readonly sentAtMs: number;
  /** Where it lay before it became a dead letter. */
  readonly deadLetterOf: string | undefined;
  state: "waiting" | "done" | "putOff";
}

export function batchMessage(record: SQSRecord): BatchMessage {
  const { messageId, receiptHandle, body, attributes } = record;
  const { ApproximateReceiveCount, SentTimestamp, DeadLetterQueueSourceArn } = attributes;
  return {
    ...{ messageId, receiptHandle, body },
    queueName: nameOf(record.eventSourceARN),
    receives: Number(ApproximateReceiveCount),
    sentAtMs: Number(SentTimestamp),
    deadLetterOf: DeadLetterQueueSourceArn && nameOf(DeadLetterQueueSourceArn),
    state: "waiting",
  };
}

/** `arn:aws:sqs:eu-west-1:123456789012:shop-order` */
const nameOf = (arn: string): string => arn.slice(arn.lastIndexOf(":") + 1);
