/** What becomes of messages that Lambda has received from SQS, other than that they are done. */
import { ChangeMessageVisibilityBatchCommand, DeleteMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { Gathered, type Left } from "./gathered.ts";
import { storageFailed } from "./storage-failed.ts";
import { BATCH_ENTRIES, leftOf } from "./transport.ts";

export interface ReceivedMessage {
  /** The name of its queue in the account. */
  readonly queueName: string;
  readonly receiptHandle: string;
}

/**
 * A message is out of sight for 12 hours at most, counted from when it was received ("Amazon SQS visibility timeout"):
 * so much remains after the longest attempt.
 */
const MOST_SECONDS = 12 * 60 * 60 - 15 * 60;
/** Without a limit that matters: requests of handles are far below 1 MiB. */
const NO_BYTES = { mostEntries: BATCH_ENTRIES, mostBytes: 1, bytesOf: () => 0 };

interface Hidden extends ReceivedMessage {
  readonly seconds: number;
}

export class SqsReceived {
  readonly #client: SQSClient;
  readonly #urlOf: (queueName: string) => string;
  readonly #hiding = new Map<string, Gathered<Hidden>>();

  constructor({ client, urlOf }: { readonly client: SQSClient; readonly urlOf: (queueName: string) => string }) {
    this.#client = client;
    this.#urlOf = urlOf;
  }

  /** Hides it until it is to come again. Rounded up to seconds, and to less than 12 hours. */
  async putOff(message: ReceivedMessage, delayMs: number): Promise<void> {
    const seconds = Math.min(MOST_SECONDS, Math.ceil(Math.max(0, delayMs) / 1000));
    await this.#hidingOf(message.queueName).add([{ ...message, seconds }]);
  }

  /** Deletes them before Lambda does. One that cannot be deleted is left, and says nothing. */
  async remove(messages: readonly ReceivedMessage[]): Promise<void> {
    const queues = Map.groupBy(messages, ({ queueName }) => queueName);
    await Promise.all([...queues].map(([queueName, all]) => this.#remove(queueName, all)));
  }

  async #remove(queueName: string, all: readonly ReceivedMessage[]): Promise<void> {
    for (let i = 0; i < all.length; i += BATCH_ENTRIES) {
      const Entries = all.slice(i, i + BATCH_ENTRIES).map(handleOf);
      const command = new DeleteMessageBatchCommand({ QueueUrl: this.#urlOf(queueName), Entries });
      await this.#client.send(command).catch((error: unknown) => {
        throw storageFailed(`the queue ${queueName}`, error);
      });
    }
  }

  #hidingOf(queueName: string): Gathered<Hidden> {
    const known = this.#hiding.get(queueName);
    if (known) return known;
    const to = `the queue ${queueName}`;
    const hiding = new Gathered<Hidden>({ ...NO_BYTES, to, request: (entries) => this.#hide(queueName, entries) });
    this.#hiding.set(queueName, hiding);
    return hiding;
  }

  async #hide(queueName: string, messages: readonly Hidden[]): Promise<readonly Left[]> {
    const Entries = messages.map((message, i) => ({ ...handleOf(message, i), VisibilityTimeout: message.seconds }));
    const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.#urlOf(queueName), Entries });
    const answer = await this.#client.send(command).catch((error: unknown) => {
      throw storageFailed(`the queue ${queueName}`, error);
    });
    return leftOf(messages, answer);
  }
}

const handleOf = ({ receiptHandle }: ReceivedMessage, i: number) => ({ Id: String(i), ReceiptHandle: receiptHandle });
