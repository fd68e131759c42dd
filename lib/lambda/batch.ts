/**
 * A batch of SQS messages becomes deliveries. What is not done when the function answers is a failure of its own and
 * comes back; a message is never taken for done because nobody said otherwise.
 *
 *     received once or twice:    all at once
 *     more often than that:      one at a time, after what is done was deleted, so that a process that dies over one
 *                                takes nobody's work along
 */
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { ReceivedMessage } from "../adapters/aws/received.ts";
import type { Envelope } from "../contract/envelope.ts";
import { isPawlError } from "../errors.ts";
import { lookAgainMs } from "../kernel/retry.ts";
import type { Outcome, Receive } from "../ports/transport.ts";
import { type About, aboutEnvelope, aboutError, aboutReason, type Lines } from "./logger.ts";
import { type BatchMessage, batchMessage } from "./message.ts";

export interface BatchParts {
  /** @throws PawlError `invalid_envelope`, `invalid_event` for what is to be buried; anything else may pass */
  readonly parse: (body: string) => Promise<Envelope>;
  readonly receive: Receive;
  readonly isDeadLetterQueue: (queueName: string) => boolean;
  readonly received: Received;
  readonly bury: (message: BatchMessage, reason: string) => Promise<void>;
  readonly logger: Lines;
}

/** What SQS can be told of a message. */
export interface Received {
  putOff(message: ReceivedMessage, delayMs: number): Promise<void>;
  remove(messages: readonly ReceivedMessage[]): Promise<void>;
}

export interface Time {
  /** Until Lambda ends the function. */
  readonly remainingMs: () => number;
  /** How much of it one message may take. */
  readonly neededMs: number;
  /** Calls back after so long; the result cancels it. Default: by the system's clock. */
  readonly after?: (ms: number, call: () => void) => () => void;
}

/** A message that was received more often runs alone: it may be what killed the process. */
const MOST_SHARED_RECEIVES = 2;
/** Kept back for the answer itself. */
export const ANSWER_MS = 1_000;
/** After a receiver threw. */
const LONGEST_BACKOFF_MS = 60_000;

export async function receiveBatch(event: SQSEvent, parts: BatchParts, time: Time): Promise<SQSBatchResponse> {
  const all = event.Records.map(batchMessage);
  const fresh = all.filter((m) => m.receives <= MOST_SHARED_RECEIVES);
  const suspects = all.filter((m) => !fresh.includes(m));
  const work = async () => {
    await Promise.all(fresh.map((message) => deliver(message, parts)));
    if (suspects.length > 0) await deliverAlone(suspects, fresh, parts, time);
  };
  await within(time.remainingMs() - ANSWER_MS, work(), time.after);
  const open = all.filter((message) => message.state !== "done");
  for (const message of open)
    if (message.state === "waiting")
      parts.logger.error("not answered in time: the message comes back", aboutMessage(message));
  return { batchItemFailures: open.map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

async function deliverAlone(
  suspects: readonly BatchMessage[],
  fresh: readonly BatchMessage[],
  parts: BatchParts,
  time: Time,
): Promise<void> {
  let finished = fresh.filter(({ state }) => state === "done");
  for (const [i, message] of suspects.entries()) {
    if (time.remainingMs() < time.neededMs) return putOffAll(suspects.slice(i), parts);
    if (finished.length > 0) await removeAll(finished, parts);
    await deliver(message, parts);
    finished = message.state === "done" ? [message] : [];
  }
}

/** Seconds apart, so that the next batches do not hold them all again. */
async function putOffAll(messages: readonly BatchMessage[], parts: BatchParts): Promise<void> {
  const putOff = (message: BatchMessage, i: number) =>
    conclude(message, { kind: "putOff", delayMs: 1000 * (i + 1) }, parts);
  await Promise.all(messages.map(putOff));
}

/** One that is not deleted here is deleted by Lambda, unless the process dies before. */
async function removeAll(messages: readonly BatchMessage[], { received, logger }: BatchParts): Promise<void> {
  try {
    await received.remove(messages);
  } catch (error) {
    logger.warn("messages that are done were not deleted ahead", aboutError(error));
  }
}

async function deliver(message: BatchMessage, parts: BatchParts): Promise<void> {
  await conclude(message, await outcomeOf(message, parts), parts);
}

async function outcomeOf(message: BatchMessage, parts: BatchParts): Promise<Outcome> {
  const { receives, sentAtMs } = message;
  const about = aboutMessage(message);
  let envelope: Envelope;
  try {
    envelope = await parts.parse(message.body);
  } catch (error) {
    if (isPawlError(error) && UNREADABLE.has(error.code))
      return { kind: "bury", reason: `${error.code}: ${error.message}` };
    return threw(error, about, parts);
  }
  try {
    const dead = parts.isDeadLetterQueue(message.queueName);
    return await parts.receive({ envelope, receives, sentAtMs, dead });
  } catch (error) {
    return threw(error, { ...about, ...aboutEnvelope(envelope) }, parts);
  }

  function threw(error: unknown, whom: About, { logger }: BatchParts): Outcome {
    const delayMs = lookAgainMs(receives, LONGEST_BACKOFF_MS);
    logger.error("a message was not received: it comes back", { ...whom, delayMs, ...aboutError(error) });
    return { kind: "putOff", delayMs };
  }
}
const UNREADABLE: ReadonlySet<string> = new Set(["invalid_envelope", "invalid_event"]);

async function conclude(message: BatchMessage, outcome: Outcome, parts: BatchParts): Promise<void> {
  const { received, bury, logger } = parts;
  try {
    switch (outcome.kind) {
      case "acknowledge":
        message.state = "done";
        return;
      case "bury":
        await bury(message, outcome.reason);
        logger.error("buried a message", { ...aboutMessage(message), ...aboutReason(outcome.reason) });
        message.state = "done";
        return;
      case "putOff":
        message.state = "putOff";
        await received.putOff(message, outcome.delayMs);
        return;
    }
  } catch (error) {
    message.state = "putOff"; // it is out of sight until its visibility timeout
    logger.error("a message could not be concluded: it comes back", { ...aboutMessage(message), ...aboutError(error) });
  }
}

const aboutMessage = ({ messageId, queueName, receives }: BatchMessage): About => ({ messageId, queueName, receives });

async function within(ms: number, work: Promise<void>, after: Required<Time>["after"] = bySystemClock): Promise<void> {
  let cancel = () => {};
  const over = new Promise<void>((resolve) => {
    cancel = after(Math.max(0, ms), resolve);
  });
  await Promise.race([work, over]);
  cancel();
}

function bySystemClock(ms: number, call: () => void): () => void {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
}
