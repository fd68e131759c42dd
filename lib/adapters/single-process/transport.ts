/**
 * The queues of a one-process engine. A message is delivered only once it is on disk, from memory; the store is read
 * when the process starts, so whatever was not acknowledged before comes again. A start alone is delivered at once: all
 * that it leads to before a step is written, with it or after it.
 *
 * What is due in a minute or later is asleep: it lies on disk alone, and costs nothing there.
 *
 *      now                               awake until                     due
 *      ├───────── in memory ─────────────────┤                            │
 *                        due - 5 s: the next minute is read in ├──────────┼──────────────┤
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
/** How far ahead messages are in memory. */
const AWAKE_MS = 60_000;
/** So long before the first one is due that is asleep, those of the next minute are read. */
const WAKE_AHEAD_MS = 5_000;

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
  /** Messages that are not on disk yet. */
  readonly #uncommitted = new Set<number>();
  /** What is asleep on disk is due later. */
  #awakeUntilMs: number;
  #waking: { readonly atMs: number; readonly cancel: () => void } | undefined;
  #inFlight = 0;
  #ready = 0;
  #stopped = false;

  constructor(options: TransportOptions) {
    const { store, clock } = options;
    this.#options = options;
    this.#awakeUntilMs = Number.NEGATIVE_INFINITY;
    for (const message of store.loadMessages()) this.#place(message);
    const untilMs = clock.now() + AWAKE_MS;
    while (this.#awakeUntilMs < untilMs) this.#read(untilMs);
    this.#wakeForNext();
  }

  async send(messages: readonly OutMessage[]): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.now();
    for (const { queue, envelope, delayMs = 0 } of messages) {
      const of = { id: store.nextMessageId(), queue, envelope, receives: 0, sentAtMs: now };
      this.#put({ ...of, ...this.#dueAt(now + delayMs) });
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
    this.#waking?.cancel();
    // What is not on disk yet is not waited for: on a full disk that may take for ever.
    await this.#until(() => this.#inFlight === 0);
  }

  /** Resolves when nothing is ready, in flight or about to be; messages for later and for absent consumers don't count. */
  idle(): Promise<void> {
    return this.#until(() => this.#inFlight === 0 && this.#ready === 0 && this.#uncommitted.size === 0);
  }
  counts(): { readonly ready: number; readonly inFlight: number; readonly later: number } {
    return { ready: this.#ready, inFlight: this.#inFlight, later: this.#timers.size };
  }

  #put(message: StoredMessage): void {
    const { store } = this.#options;
    store.putMessage(message);
    if (message.envelope.kind === "start" && message.visibleAtMs <= this.#options.clock.now()) {
      this.#place(message);
      return;
    }
    this.#uncommitted.add(message.id);
    store.afterCommit(() => {
      this.#uncommitted.delete(message.id);
      this.#place(message);
      this.#tellWaiting();
    });
  }

  #dueAt(visibleAtMs: number): Pick<StoredMessage, "visibleAtMs" | "asleep"> {
    const awakeUntilMs = Math.max(this.#awakeUntilMs, this.#options.clock.now() + AWAKE_MS);
    return { visibleAtMs, asleep: visibleAtMs > awakeUntilMs };
  }

  /** Reads what is asleep and due until then, or a part of it. */
  #read(untilMs: number): void {
    const woken = this.#options.store.wakeMessages(this.#awakeUntilMs, untilMs);
    this.#awakeUntilMs = woken.untilMs;
    for (const message of woken.messages) if (!this.#uncommitted.has(message.id)) this.#place(message);
  }

  #wake(): void {
    const { clock } = this.#options;
    const untilMs = clock.now() + AWAKE_MS;
    this.#read(untilMs);
    // The rest in another turn, so that others have theirs.
    if (this.#awakeUntilMs < untilMs) this.#wakeAt(clock.now());
    else this.#wakeForNext();
  }

  #wakeForNext(): void {
    const dueMs = this.#options.store.nextDueMs(this.#awakeUntilMs);
    if (dueMs !== undefined) this.#wakeAt(dueMs - WAKE_AHEAD_MS);
  }

  #wakeAt(atMs: number): void {
    if (this.#stopped || (this.#waking && this.#waking.atMs <= atMs)) return;
    this.#waking?.cancel();
    const cancel = this.#options.clock.at(atMs, () => {
      this.#waking = undefined;
      this.#wake();
    });
    this.#waking = { atMs, cancel };
  }

  #place(message: StoredMessage): void {
    if (this.#stopped) return;
    if (message.asleep && message.visibleAtMs > this.#awakeUntilMs) {
      this.#options.store.letSleep(message.id);
      return this.#wakeAt(message.visibleAtMs - WAKE_AHEAD_MS);
    }
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
      case "putOff":
        this.#put({ ...message, receives, ...this.#dueAt(clock.now() + outcome.delayMs) });
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
