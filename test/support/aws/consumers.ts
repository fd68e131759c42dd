/** Receivers of a platform's queues, called by the batch code of a deployed function without the function around it. */
import { setTimeout as sleep } from "node:timers/promises";
import { parseBody } from "../../../lib/adapters/aws/message-body.ts";
import { deadLetterQueueName } from "../../../lib/contract/names.ts";
import { receiveBatch } from "../../../lib/lambda/batch.ts";
import type { DeadLetter, Receive } from "../../../lib/ports/transport.ts";
import { type Poller, poll } from "./poller.ts";
import type { TestPlatform } from "./test-platform.ts";

export class Consumers {
  readonly #platform: TestPlatform;
  readonly #ports;
  readonly #pollers: Poller[] = [];
  readonly #workflows = new Set<string>();
  /** What receivers threw. */
  readonly errors: unknown[] = [];

  constructor(platform: TestPlatform) {
    this.#platform = platform;
    this.#ports = platform.ports();
  }

  /** Of a control queue, with the workflow's dead letters. */
  consume(queue: string, receive: Receive): void {
    const [workflow = "", node] = queue.split(".");
    this.#workflows.add(workflow);
    const { payloads, received, deadLetters } = this.#ports;
    const deadLetterQueue = deadLetterQueueName(this.#platform.environment.platform, workflow);
    const receiving: Receive = (delivery) =>
      receive(delivery).catch((error: unknown) => {
        this.errors.push(error);
        throw error;
      });
    const parts = {
      parse: (body: string) => parseBody(body, { workflow, payloads, events: node === undefined }),
      receive: receiving,
      isDeadLetterQueue: (name: string) => name === deadLetterQueue,
      received,
      bury: ({ messageId, sentAtMs, body }: { messageId: string; sentAtMs: number; body: string }, reason: string) =>
        deadLetters.bury({ workflow, messageId, sentAtMs, queue, body, reason, atMs: Date.now() }),
      logger: { info: () => {}, warn: () => {}, error: () => {} },
    };
    const places = [this.#platform.queue(queue)];
    if (node === undefined) places.push(this.#platform.deadLetterQueue(workflow));
    for (const place of places)
      this.#pollers.push(
        poll({
          ...place,
          handler: (event, context) =>
            receiveBatch(event, parts, { remainingMs: () => context.getRemainingTimeInMillis(), neededMs: 1_000 }),
        }),
      );
  }

  async quiet(): Promise<void> {
    for (let calm = 0; calm < 2; ) {
      const all = await Promise.all(this.#pollers.map((poller) => poller.isQuiet()));
      calm = all.every(Boolean) ? calm + 1 : 0;
      if (calm < 2) await sleep(10);
    }
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    const all = [...this.#workflows].map((workflow) => this.#ports.deadLetters.list(workflow, 100));
    return (await Promise.all(all)).flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.#pollers.map((poller) => poller.stop()));
  }
}
