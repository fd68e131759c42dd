/** Messages: delivered at least once, in any order, and again when they are not deleted in time. */
import type { Ended } from "./headers.ts";

export interface StepMessage {
  readonly kind: "step";
  readonly epoch: number;
  readonly path: string;
  /** The record whose decision led here. */
  readonly by: string;
}
export type ControlMessage =
  | { readonly kind: "start" }
  | { readonly kind: "pause" | "resume"; readonly epoch: number; readonly turns: number; readonly command: number }
  | { readonly kind: "stop"; readonly epoch: number; readonly as: Exclude<Ended, "succeeded"> }
  | { readonly kind: "redrive"; readonly epoch: number; readonly from?: string | undefined }
  | { readonly kind: "heal"; readonly epoch: number };
export type Body = StepMessage | ControlMessage;

export interface Message {
  readonly body: Body;
  /** Not delivered before. */
  visibleAt: number;
  receives: number;
}

export class Queue {
  readonly #messages = new Set<Message>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }
  get size(): number {
    return this.#messages.size;
  }
  send(body: Body, delay = 0): void {
    this.#messages.add({ body, visibleAt: this.#now() + delay, receives: 0 });
  }
  delete(message: Message): void {
    this.#messages.delete(message);
  }
  /** What is in flight goes too. */
  purge(): void {
    this.#messages.clear();
  }
  ready(): readonly Message[] {
    return [...this.#messages].filter(({ visibleAt }) => visibleAt <= this.#now());
  }
  nextAt(): number {
    return Math.min(...[...this.#messages].map(({ visibleAt }) => visibleAt));
  }
}
