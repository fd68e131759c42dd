/** Messages: delivered at least once, in any order, and again when they are not deleted in time. */
import type { Arrival, EffectOf, How } from "./effect.ts";
import type { PhysicalKey } from "./generation.ts";
import type { Ended } from "./headers.ts";
import type { Key } from "./keys.ts";

export interface StepMessage {
  readonly kind: "step";
  readonly epoch: number;
  readonly path: string;
  /** The record whose decision led here. */
  readonly by: Key;
  /** Of an undo step. */
  readonly arrives?: Arrival | undefined;
}
export type ControlMessage =
  | { readonly kind: "start" }
  | { readonly kind: "pause" | "resume"; readonly epoch: number; readonly turns: number; readonly command: number }
  | {
      readonly kind: "stop";
      readonly epoch: number;
      readonly as: Exclude<Ended, "succeeded">;
      /** Absent: yes. */
      readonly undo?: boolean;
    }
  | { readonly kind: "redrive"; readonly epoch: number; readonly from?: string | undefined }
  | { readonly kind: "heal"; readonly epoch: number }
  | { readonly kind: "timer"; readonly epoch: number; readonly wait: EffectOf<"wait"> }
  | { readonly kind: "signal"; readonly name: string; readonly id: string }
  | { readonly kind: "close"; readonly epoch: number; readonly scope: string; readonly how: How; readonly by: Key }
  /** A child has ended. */
  | { readonly kind: "returned"; readonly path: string; readonly place: PhysicalKey; readonly as: Ended };
export type Body = StepMessage | ControlMessage;

export interface Message {
  /** The execution's name. */
  readonly to: string;
  readonly body: Body;
  /** Not delivered before. */
  visibleAt: number;
  receives: number;
}

/** What is sent through it goes to one execution; what it holds is everybody's. */
export class Queue {
  readonly #messages: Set<Message>;
  readonly #now: () => number;
  readonly #to: string;

  constructor(now: () => number, to: string, messages = new Set<Message>()) {
    this.#now = now;
    this.#to = to;
    this.#messages = messages;
  }
  /** The same messages, as another execution sends them. */
  of(to: string): Queue {
    return new Queue(this.#now, to, this.#messages);
  }
  get size(): number {
    return this.#messages.size;
  }
  send(body: Body, delay = 0): void {
    this.#messages.add({ to: this.#to, body, visibleAt: this.#now() + delay, receives: 0 });
  }
  delete(message: Message): void {
    this.#messages.delete(message);
  }
  onPurge: () => void = () => {};
  /** What is in flight goes too. */
  purge(): void {
    this.#messages.clear();
    this.onPurge();
  }
  ready(): readonly Message[] {
    return [...this.#messages].filter(({ visibleAt }) => visibleAt <= this.#now());
  }
  nextAt(): number {
    return Math.min(...[...this.#messages].map(({ visibleAt }) => visibleAt));
  }
}
