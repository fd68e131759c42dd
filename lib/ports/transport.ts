/**
 * Queues. A message sent is delivered at least once, to one consumer at a time as a rule but not as a promise, in no
 * promised order, until a consumer acknowledges it. It does not look into messages and keeps no state of a step.
 */
import type { Envelope } from "../contract/envelope.ts";

export interface Transport {
  /** Resolves when the messages are as durable as a write of the step log is. */
  send(messages: readonly OutMessage[]): Promise<void>;
}

/** Queues that an engine itself receives from. On AWS that is Lambda's part. */
export interface Queues extends Transport {
  /** Delivers each message of a queue until stopped. A queue has one consumer. */
  consume(queue: string, receive: Receive): void;
  /** Delivers nothing more and waits for what is being received. */
  stop(): Promise<void>;
}

export interface OutMessage {
  readonly queue: string;
  readonly envelope: Envelope;
  /**
   * When it is to be delivered, from now; a year is not too long. Not before, but for a delay above 15 minutes: then up
   * to a minute before, and the receiver, who knows what it is due for, puts off the rest. Default 0.
   */
  readonly delayMs?: number;
}

export interface Delivery {
  readonly envelope: Envelope;
  /** How often it has been delivered, this time included. */
  readonly receives: number;
  /** When it was sent, as far as the transport knows. */
  readonly sentAtMs: number;
  /** It came to nothing so often that it is handed on as a dead letter. */
  readonly dead: boolean;
}

/** A receiver that throws has not acknowledged: the message comes back. */
export type Receive = (delivery: Delivery) => Promise<Outcome>;
export type Outcome =
  | { readonly kind: "acknowledge" }
  /** Deliver it again, no sooner than this. */
  | { readonly kind: "putOff"; readonly delayMs: number }
  /** Keep it aside with the reason: it can never be processed. */
  | { readonly kind: "bury"; readonly reason: string };

/** Deliveries after which a message is handed on as a dead letter: high, since put-offs raise the count too. */
export const MOST_RECEIVES = 30;

/** A message that was buried. */
export interface DeadLetter {
  readonly queue: string;
  readonly body: string;
  readonly reason: string;
  readonly atMs: number;
}
