/**
 * The queues of a one-process engine. A message is delivered only once it is on disk, from memory; the store is read
 * when the process starts, so whatever was not acknowledged before comes again.
 */

import { printEnvelope } from "../../contract/envelope.ts";
import { lookAgainMs } from "../../kernel/retry.ts";
import type { Clock } from "../../ports/clock.ts";
import {
  type Delivery,
  MOST_RECEIVES,
  type Outcome,
  type OutMessage,
  type Queues,
  type Receive,
} from "../../ports/transport.ts";
import type { Store, StoredMessage } from "./store.ts";

export interface TransportOptions {
  readonly store: Store;
  readonly clock: Clock;
  /** Messages of one queue that are received at once. */
  readonly concurrency: number;
  /** Told of each delivery that threw. The message comes back. */
  readonly onError: (error: unknown, delivery: Delivery) => void;
}

/** After a receiver threw. */
const LONGEST_BACKOFF_MS = 60_000;

interface Queue {
  receive: Receive;
  readonly ready: StoredMessage[];
  /** How far `ready` has been taken: shifting a long array would cost its length each time. */
  head: number;
  inFlight: number;
}

export class SingleProcessTransport implements Queues {
  readonly #options: TransportOptions;
  readonly #queues = new Map<string, Queue>();
  /** Messages of queues that nobody consumes yet, as on start-up. */
  readonly #unclaimed = new Map<string, StoredMessage[]>();
  readonly #timers = new Map<number, () => void>();
  readonly #waiting: (() => void)[] = [];
  #nextId = 1;
  #inFlight = 0;
  #ready = 0;
  #uncommitted = 0;
  #stopped = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#load();
  }

  async send(messages: readonly OutMessage[]): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    for (const { queue, envelope, delayMs = 0 } of messages) {
      const message = { id: this.#nextId++, queue, envelope, visibleAtMs: now + delayMs, receives: 0, sentAtMs: now };
      store.putMessage(message);
      this.#afterCommit(() => this.#place(message));
    }
  }

  consume(queue: string, receive: Receive): void {
    const known = this.#queues.get(queue);
    if (known)
      known.receive = receive; // a newer consumer takes over; what is in flight ends with the older one
    else this.#queues.set(queue, { receive, ready: [], head: 0, inFlight: 0 });
    const waiting = this.#unclaimed.get(queue) ?? [];
    this.#unclaimed.delete(queue);
    for (const message of waiting) this.#place(message);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    // What is not on disk yet is not waited for: on a full disk that may take for ever.
    await this.#until(() => this.#inFlight === 0);
  }

  /** Resolves when nothing is ready, in flight or about to be; messages for later and for absent consumers don't count. */
  idle(): Promise<void> {
    return this.#until(() => this.#inFlight === 0 && this.#ready === 0 && this.#uncommitted === 0);
  }
  counts(): { readonly ready: number; readonly inFlight: number; readonly later: number } {
    return { ready: this.#ready, inFlight: this.#inFlight, later: this.#timers.size };
  }

  #load(): void {
    const { store } = this.#options;
    for (const message of store.loadMessages()) {
      this.#nextId = Math.max(this.#nextId, message.id + 1);
      this.#place(message);
    }
  }

  #afterCommit(then: () => void): void {
    this.#uncommitted++;
    this.#options.store.afterCommit(() => {
      this.#uncommitted--;
      then();
      this.#tellWaiting();
    });
  }

  #place(message: StoredMessage): void {
    if (this.#stopped) return;
    const queue = this.#queues.get(message.queue);
    if (!queue) {
      const waiting = this.#unclaimed.get(message.queue);
      if (waiting) waiting.push(message);
      else this.#unclaimed.set(message.queue, [message]);
      return;
    }
    const { clock } = this.#options;
    if (message.visibleAtMs > clock.now()) {
      const cancel = clock.at(message.visibleAtMs, () => {
        this.#timers.delete(message.id);
        this.#place(message);
      });
      this.#timers.set(message.id, cancel);
      return;
    }
    queue.ready.push(message);
    this.#ready++;
    this.#deliver(queue);
  }

  #deliver(queue: Queue): void {
    while (!this.#stopped && queue.inFlight < this.#options.concurrency) {
      const message = queue.ready[queue.head];
      if (!message) break;
      queue.head++;
      if (queue.head > 1000 && queue.head * 2 > queue.ready.length) {
        queue.ready.splice(0, queue.head);
        queue.head = 0;
      }
      this.#ready--;
      queue.inFlight++;
      this.#inFlight++;
      void this.#receive(queue, message);
    }
  }

  async #receive(queue: Queue, message: StoredMessage): Promise<void> {
    const receives = message.receives + 1;
    const { envelope, sentAtMs } = message;
    const delivery: Delivery = { envelope, receives, sentAtMs, dead: receives > MOST_RECEIVES };
    // A dead letter goes to the workflow's control queue, where nothing is dropped either.
    const receiver = delivery.dead ? (this.#queues.get(controlOf(message.queue)) ?? queue) : queue;
    let outcome: Outcome;
    try {
      outcome = await receiver.receive(delivery);
    } catch (error) {
      this.#options.onError(error, delivery);
      outcome = { kind: "putOff", delayMs: lookAgainMs(receives, LONGEST_BACKOFF_MS) };
    }
    try {
      this.#conclude(message, outcome, receives);
    } catch (error) {
      this.#options.onError(error, delivery);
    }
    queue.inFlight--;
    this.#inFlight--;
    this.#deliver(queue);
    this.#tellWaiting();
  }

  #conclude(message: StoredMessage, outcome: Outcome, receives: number): void {
    const { store, clock } = this.#options;
    switch (outcome.kind) {
      case "acknowledge":
        store.deleteMessage(message.id);
        return;
      case "bury":
        store.bury({
          queue: message.queue,
          body: printEnvelope(message.envelope),
          reason: outcome.reason,
          atMs: clock.now(),
        });
        store.deleteMessage(message.id);
        return;
      case "putOff": {
        const later = { ...message, receives, visibleAtMs: clock.now() + outcome.delayMs };
        store.putMessage(later);
        this.#afterCommit(() => this.#place(later));
      }
    }
  }

  #until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (holds()) resolve();
        else this.#waiting.push(check);
      };
      check();
    });
  }
  #tellWaiting(): void {
    if (this.#waiting.length === 0) return;
    for (const check of this.#waiting.splice(0)) check();
  }
}

const controlOf = (queue: string): string => queue.split(".")[0] ?? queue;
