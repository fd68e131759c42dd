/**
 * One workflow at one load under quotas, in steps of time: executions arrive at random, and each quota is a bucket that
 * all queues drink from. While messages are few each is one; where they are many they flow. Queues are first in, first out,
 * so what a message waits can be read from when as many had arrived and when as many were through (`latency.ts`).
 *
 * Not in it: DynamoDB's bursts, how it divides a hot partition over minutes, and the pauses of a retry, in which capacity
 * that is there is left; messages that come back because their function ran out of time; failures, redeliveries, other workflows.
 */
import { Random } from "../../test/model/random.ts";
import { TokenBucket } from "./buckets.ts";
import type { Limits } from "./limits.ts";
import { type Held, Queue } from "./queue.ts";
import { poisson } from "./times.ts";
import { RESOURCES, type Resource, type Stage } from "./workloads.ts";

export type Bound = Resource | Held | "accountConcurrency" | "invocations";

export interface Run {
  readonly stages: readonly Stage[];
  readonly limits: Limits;
  /** Executions that arrive in a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly seed: number;
  /** A step of time, in seconds. */
  readonly dt: number;
}

/** How many messages had come to a queue, and were through it, at the end of each step. */
export interface Curves {
  readonly arrived: Float64Array;
  readonly through: Float64Array;
  readonly aloneSteps: number;
}

export interface Outcome {
  readonly curves: readonly Curves[];
  /** Message-seconds that each quota has held messages for. */
  readonly held: ReadonlyMap<Bound, number>;
  /** Messages that wait or are held at the end. */
  readonly backlog: number;
  readonly peakConcurrency: number;
}

export function simulate(run: Run): Outcome {
  const { stages, limits, rate, seconds, seed, dt } = run;
  const random = new Random(seed);
  const steps = Math.round(seconds / dt);
  const queues = stages.map((stage) => new Queue(stage, limits, dt));
  const curves = queues.map(({ aloneSteps }) => ({
    ...{ arrived: new Float64Array(steps), through: new Float64Array(steps), aloneSteps },
  }));
  const world = new World(queues, limits, dt);
  let peakConcurrency = 0;
  for (let step = 0; step < steps; step++) {
    let arriving = poisson(rate * dt, random);
    const through = world.finish(step);
    for (const [k, queue] of queues.entries()) {
      arriving *= queue.stage.fan;
      queue.waiting += arriving;
      const { arrived, through: gone } = curves[k] as Curves; // one for each queue
      arrived[step] = (arrived[step - 1] ?? 0) + arriving;
      arriving = through[k] ?? 0;
      gone[step] = (gone[step - 1] ?? 0) + arriving;
    }
    world.start(step);
    peakConcurrency = Math.max(peakConcurrency, world.busy);
  }
  const backlog = queues.reduce((sum, { waiting, ready }) => sum + waiting + ready.messages, 0);
  return { curves, held: world.held, backlog, peakConcurrency };
}

/** What all queues share. */
class World {
  readonly held = new Map<Bound, number>();
  readonly #queues: readonly Queue[];
  /** Those with functions of their own. */
  readonly #functions: readonly Queue[];
  /** In the order of `RESOURCES`. */
  readonly #units: readonly TokenBucket[];
  readonly #invocations: TokenBucket;
  readonly #accountConcurrency: number;
  readonly #dt: number;
  #scarcest: Resource = "tableWrites";

  constructor(queues: readonly Queue[], limits: Limits, dt: number) {
    this.#queues = queues;
    this.#functions = queues.filter(({ stage }) => !stage.within);
    this.#units = RESOURCES.map((name) => new TokenBucket(limits.units[name]));
    this.#invocations = new TokenBucket(limits.invocationsPerSecond);
    this.#accountConcurrency = limits.accountConcurrency;
    this.#dt = dt;
  }

  get busy(): number {
    let busy = 0;
    for (const queue of this.#functions) busy += queue.busy;
    return busy;
  }

  /** Who is ready gets the units that there are, each resource shared out alike. */
  finish(step: number): readonly number[] {
    for (const queue of this.#queues) queue.ripen(step);
    const shares = this.#units.map((bucket, r) => {
      bucket.refill(this.#dt);
      let wanted = 0;
      for (const { ready, units } of this.#queues) wanted += ready.messages * (units[r] ?? 0);
      return bucket.shareOf(wanted);
    });
    return this.#queues.map((queue) => (queue.ready.messages > 0 ? this.#finish(queue, shares) : 0));
  }

  #finish(queue: Queue, shares: readonly number[]): number {
    let share = 1;
    for (let r = 0; r < shares.length; r++)
      if ((queue.units[r] ?? 0) > 0 && (shares[r] ?? 1) < share) {
        share = shares[r] ?? 1;
        this.#scarcest = RESOURCES[r] as Resource; // in their order
      }
    const messages = queue.finish(share);
    for (let r = 0; r < shares.length; r++) this.#units[r]?.take(messages * (queue.units[r] ?? 0));
    if (share < 1) this.#hold(this.#scarcest, queue.ready.messages);
    return messages;
  }

  /** The account's functions are shared out by what is wanted. */
  start(step: number): void {
    this.#invocations.refill(this.#dt);
    for (const queue of this.#queues) if (queue.stage.within) queue.start(queue.wants().invocations, step);
    const wanting = this.#functions.flatMap((queue) => (queue.waiting > 0 ? [{ queue, ...queue.wants() }] : []));
    const wanted = wanting.reduce((sum, { invocations }) => sum + invocations, 0);
    const free = Math.max(0, this.#accountConcurrency - this.busy);
    const allowed = Math.min(free, this.#invocations.left);
    const share = wanted <= allowed ? 1 : allowed / wanted;
    const shared: Bound = free <= this.#invocations.left ? "accountConcurrency" : "invocations";
    this.#invocations.take(wanted * share);
    for (const { queue, invocations } of wanting) queue.start(invocations * share, step);
    for (const queue of this.#functions) queue.grow();
    for (const { queue, held } of wanting) if (queue.waiting > 1e-6) this.#blame(queue, share < 1 ? shared : held);
  }

  /** Where functions are held by their writes, so is who waits for a function. */
  #blame(queue: Queue, bound: Bound): void {
    const all = bound === "accountConcurrency";
    const [ready, busy] = all
      ? [this.#functions.reduce((sum, one) => sum + one.ready.invocations, 0), this.busy]
      : [queue.ready.invocations, queue.busy];
    const byWrites = busy > 0 ? Math.min(1, ready / busy) : 0;
    this.#hold(this.#scarcest, queue.waiting * byWrites);
    this.#hold(bound, queue.waiting * (1 - byWrites));
  }

  #hold(bound: Bound, messages: number): void {
    if (messages > 0) this.held.set(bound, (this.held.get(bound) ?? 0) + messages * this.#dt);
  }
}
