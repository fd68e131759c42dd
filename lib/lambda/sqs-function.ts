/** A function behind a queue: what is the same for a node's and for control. */
import { injectLambdaContext } from "@aws-lambda-powertools/logger/middleware";
import middy from "@middy/core";
import type { Context as LambdaContext, SQSBatchResponse, SQSEvent } from "aws-lambda";
import { parseBody } from "../adapters/aws/message-body.ts";
import { deadLetterQueueName, queueName } from "../contract/names.ts";
import type { Context } from "../engine/context.ts";
import type { Receive } from "../ports/transport.ts";
import { ANSWER_MS, type BatchParts, receiveBatch } from "./batch.ts";
import type { Container } from "./container.ts";
import type { BatchMessage } from "./message.ts";

export type SqsFunction = (event: SQSEvent, context: LambdaContext) => Promise<SQSBatchResponse>;

export interface Received {
  /** Whether EventBridge's rules send to the queue as well. */
  readonly events: boolean;
  /** How long one message may take. */
  readonly neededMs: number;
  readonly receiveIn: (context: Context) => Receive;
}

export function sqsFunction(container: Container, of: Received): SqsFunction {
  const parts = partsOf(container, of.events);
  const { logger } = container;
  // Middleware for what goes across: an attempt is a function of its own, never spread over hooks.
  const handler = middy<SQSEvent, SQSBatchResponse>({ timeoutEarlyInMillis: 0 })
    .use(injectLambdaContext(logger, { logEvent: false }))
    .handler(async (event, invocation) => {
      const remainingMs = () => invocation.getRemainingTimeInMillis();
      const context = container.contextUntil(Date.now() + remainingMs() - ANSWER_MS);
      return receiveBatch(event, { ...parts, receive: of.receiveIn(context) }, { remainingMs, neededMs: of.neededMs });
    });
  return (event, context) => handler(event, context) as Promise<SQSBatchResponse>;
}

function partsOf(
  { program, queue, environment, ports, logger }: Container,
  events: boolean,
): Omit<BatchParts, "receive"> {
  const { workflow, nodes } = program.graph;
  const { platform } = environment;
  const { payloads, received, deadLetters } = ports;
  const deadLetterQueue = deadLetterQueueName(platform, workflow);
  const queues = [workflow, ...Object.keys(nodes).map((node) => `${workflow}.${node}`)];
  /** The workflow's own name of the queue that a message lay in. */
  const queueOf = ({ deadLetterOf }: BatchMessage): string =>
    queues.find((name) => queueName(platform, name) === deadLetterOf) ?? queue;
  return {
    parse: (body) => parseBody(body, { workflow, payloads, events }),
    isDeadLetterQueue: (name) => name === deadLetterQueue,
    received,
    bury: async (message, reason) => {
      const { messageId, sentAtMs, body } = message;
      await deadLetters.bury({
        workflow,
        messageId,
        sentAtMs,
        queue: queueOf(message),
        body,
        reason,
        atMs: Date.now(),
      });
    },
    logger,
  };
}
