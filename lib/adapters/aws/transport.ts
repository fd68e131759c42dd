/**
 * The transport on SQS standard queues: Lambda receives. A delay beyond SQS's is the scheduler's; a body that is too
 * long is stored.
 */
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import type { PayloadStore } from "../../ports/payload-store.ts";
import type { Scheduler } from "../../ports/scheduler.ts";
import type { OutMessage, Transport } from "../../ports/transport.ts";
import { type AwsOptions, awsClient } from "./client-config.ts";
import { Gathered, type Left } from "./gathered.ts";
import { printBody } from "./message-body.ts";
import { storageFailed } from "./storage-failed.ts";

/** Queues are where the endpoint says, also where their urls name a host of their own. */
export const sqsClient = (options: AwsOptions): SQSClient =>
  awsClient(SQSClient, options, { useQueueUrlAsEndpoint: false });

/** "Amazon SQS message quotas": a batch has 10 messages and 1 MiB at most, a message 15 minutes of delay. */
export const BATCH_ENTRIES = 10;
const BATCH_BYTES = 1024 * 1024;
const LONGEST_DELAY_MS = 15 * 60_000;

export interface SqsTransportOptions {
  readonly client: SQSClient;
  readonly queueUrl: (queue: string) => string | Promise<string>;
  readonly scheduler: Scheduler;
  readonly payloads: PayloadStore;
  /** Longer delays are the scheduler's. Default 15 minutes, which is also the most. */
  readonly longestDelayMs?: number;
}

interface Entry {
  readonly body: string;
  readonly delaySeconds: number;
}

export class SqsTransport implements Transport {
  readonly #options: SqsTransportOptions;
  readonly #outgoing = new Map<string, Gathered<Entry>>();

  constructor(options: SqsTransportOptions) {
    this.#options = options;
  }

  /** @throws PawlError `storage_failed`; some of the messages may be sent all the same */
  async send(messages: readonly OutMessage[]): Promise<void> {
    await Promise.all(messages.map((message) => this.#send(message)));
  }

  async #send({ queue, envelope, delayMs = 0 }: OutMessage): Promise<void> {
    const { scheduler, payloads, queueUrl, longestDelayMs = LONGEST_DELAY_MS } = this.#options;
    if (delayMs > longestDelayMs) return scheduler.sendAt(Date.now() + delayMs, { queue, envelope });
    const [body, url] = await Promise.all([printBody(envelope, payloads), queueUrl(queue)]);
    await this.#to(queue, url).add([{ body, delaySeconds: Math.ceil(delayMs / 1000) }]);
  }

  #to(queue: string, url: string): Gathered<Entry> {
    const known = this.#outgoing.get(url);
    if (known) return known;
    const to = `the queue ${queue}`;
    const outgoing = new Gathered<Entry>({
      to,
      mostEntries: BATCH_ENTRIES,
      mostBytes: BATCH_BYTES,
      bytesOf: ({ body }) => Buffer.byteLength(body),
      request: (entries) => this.#request(to, url, entries),
    });
    this.#outgoing.set(url, outgoing);
    return outgoing;
  }

  async #request(to: string, QueueUrl: string, entries: readonly Entry[]) {
    const Entries = entries.map(({ body, delaySeconds }, i) => ({
      Id: String(i),
      MessageBody: body,
      ...(delaySeconds > 0 && { DelaySeconds: delaySeconds }),
    }));
    try {
      return leftOf(entries, await this.#options.client.send(new SendMessageBatchCommand({ QueueUrl, Entries })));
    } catch (error) {
      throw storageFailed(to, error);
    }
  }
}

interface BatchAnswer {
  readonly Successful?: readonly { readonly Id: string | undefined }[] | undefined;
  readonly Failed?:
    | readonly {
        readonly Id: string | undefined;
        readonly SenderFault: boolean | undefined;
        readonly Code: string | undefined;
        readonly Message?: string | undefined;
      }[]
    | undefined;
}

/** The entries that SQS does not say it has taken, by index, which is their id. */
export function leftOf(entries: readonly unknown[], { Successful = [], Failed = [] }: BatchAnswer): readonly Left[] {
  const taken = new Set(Successful.map(({ Id }) => Id));
  const failed = new Map(Failed.map((one) => [one.Id, one]));
  return entries.flatMap((_, index) => {
    const id = String(index);
    const why = failed.get(id);
    if (why)
      return [
        { index, passing: why.SenderFault !== true, message: `${why.Code}: ${why.Message ?? "no reason given"}` },
      ];
    return taken.has(id) ? [] : [{ index, passing: true, message: "the answer does not mention it" }];
  });
}
