/**
 * One queue with its function, in steps of time. Messages wait, are taken by pollers in batches, are at work for as long
 * as their function takes, and then want the units of their writes: until they get them they hold their function, as they
 * do while the SDK tries again.
 *
 *      arrive ──▶ waiting ──start──▶ at work ──▶ ready ──finish──▶ next queue
 *                          (pollers,            (units)
 *                           environments)
 */
import { Pollers, TokenBucket } from "./buckets.ts";
import type { Limits } from "./limits.ts";
import { meanOf } from "./times.ts";
import { ASSUMED, RESOURCES, type Stage } from "./workloads.ts";

/** Messages, and the invocations that they are in. */
interface Lot {
  messages: number;
  invocations: number;
}

export type Held = "functionConcurrency" | "pollers" | "environments";

/** Longer than any batch takes. */
const LONGEST_S = 60;

export class Queue {
  readonly stage: Stage;
  /** For each message, in the order of `RESOURCES`. */
  readonly units: readonly number[];
  waiting = 0;
  /** Done but for the units of their writes. */
  ready: Lot = { messages: 0, invocations: 0 };
  busy = 0;
  /** How long one message alone in a warm function takes, as the steps of time have it. */
  readonly aloneSteps: number;
  readonly #pollers: Pollers;
  readonly #environments: TokenBucket;
  readonly #calendar: Lot[];
  readonly #dt: number;
  readonly #meanMs: number;
  readonly #batch: number;
  #warm = 0;

  constructor(stage: Stage, { pollers, newEnvironments, batch }: Limits, dt: number) {
    this.stage = stage;
    this.units = RESOURCES.map((name) => stage.units[name]);
    this.#pollers = new Pollers(pollers);
    this.#environments = new TokenBucket(newEnvironments.perSecond, newEnvironments.burst);
    this.#meanMs = stage.times.reduce((sum, time) => sum + meanOf(time), 0);
    this.#batch = batch;
    this.#dt = dt;
    this.#calendar = Array.from({ length: Math.ceil(LONGEST_S / dt) }, () => ({ messages: 0, invocations: 0 }));
    this.aloneSteps = this.#stepsFor(this.#meanMs);
  }

  /** Whose work is done by now is ready. */
  ripen(step: number): void {
    const lot = this.#calendar[step % this.#calendar.length] as Lot; // within it
    this.ready.messages += lot.messages;
    this.ready.invocations += lot.invocations;
    lot.messages = 0;
    lot.invocations = 0;
  }

  /** @returns the messages that are through */
  finish(share: number): number {
    const messages = this.ready.messages * share;
    const invocations = this.ready.invocations * share;
    this.ready = { messages: this.ready.messages - messages, invocations: this.ready.invocations - invocations };
    this.busy = Math.max(0, this.busy - invocations);
    return messages;
  }

  /** Invocations that it would begin now, by its own limits, and which of them holds it. */
  wants(): { readonly invocations: number; readonly held: Held } {
    if (this.stage.within) return { invocations: this.waiting, held: "functionConcurrency" };
    const pollers = this.#pollers.now;
    const free = Math.max(0, pollers - this.busy);
    const environments = this.#warm - this.busy + this.#environments.left;
    const wanted = Math.min(free, this.waiting);
    if (environments < wanted) return { invocations: Math.max(0, environments), held: "environments" };
    return { invocations: wanted, held: pollers < this.#pollers.most ? "pollers" : "functionConcurrency" };
  }

  /** Each takes as many messages as there are for it, up to a batch. */
  start(invocations: number, step: number): void {
    const messages = Math.min(this.waiting, invocations * this.#batch);
    if (messages <= 0) return;
    const cold = this.stage.within ? 0 : Math.max(0, this.busy + invocations - this.#warm);
    this.#environments.take(cold);
    this.#warm += cold;
    this.waiting -= messages;
    this.busy += invocations;
    const ms = this.#meanMs + (messages / invocations - 1) * ASSUMED.perMessageMs;
    this.#put(step + this.#stepsFor(ms), { messages, invocations }, 1 - cold / invocations);
    this.#put(step + this.#stepsFor(ms + ASSUMED.coldStartMs), { messages, invocations }, cold / invocations);
  }

  grow(): void {
    this.#environments.refill(this.#dt);
    if (this.waiting > 0) this.#pollers.grow(this.#dt);
  }

  #put(step: number, { messages, invocations }: Lot, share: number): void {
    const lot = this.#calendar[step % this.#calendar.length] as Lot; // within it
    lot.messages += messages * share;
    lot.invocations += invocations * share;
  }

  #stepsFor(ms: number): number {
    return Math.max(1, Math.round(ms / 1000 / this.#dt));
  }
}
