/** Watches at each handler's door: who begins there must hold the step, alone, by the true time. */
import { undoneBy } from "../../kernel/address.ts";
import { keyAt } from "../../kernel/generation.ts";
import { hasEnded, type LogRecord, stepKey } from "../../kernel/record.ts";
import type { Holder } from "../../kernel/step.ts";
import type { Graph } from "../../model/graph.ts";
import type { HandlerCall } from "../../ports/handlers.ts";
import { generationsOf } from "./generations.ts";
import { leadsTo } from "./invariants.ts";
import type { Life } from "./life.ts";
import { Undone } from "./undone.ts";
import type { WatchedStore } from "./watched-store.ts";

interface Lease {
  /** Where its record lies. */
  readonly place: string;
  readonly life: Life;
  /** True time, by which nobody may take over before. */
  untilMs: number;
}

export interface Begun {
  readonly graph: Graph;
  /** Of a step without a claim. */
  readonly repeatable: boolean;
}

export interface AttemptsOptions {
  readonly now: () => number;
  readonly wrong: (what: string) => void;
  /** How old a header is that is read without consistency. */
  readonly glanceLagMs: number;
  /** Clocks are no further apart than the margin, so that two never hold a step at once. */
  readonly leasesHold: boolean;
}

export class Attempts {
  readonly #store: WatchedStore;
  readonly #now: () => number;
  readonly #wrong: (what: string) => void;
  readonly #glanceLagMs: number;
  readonly #leasesHold: boolean;
  /** The newest claim of each step, by each worker. */
  readonly #claims = new Map<string, Lease>();
  readonly #running = new Map<string, Set<Lease>>();
  readonly undone = new Undone();

  constructor(store: WatchedStore, of: AttemptsOptions) {
    this.#store = store;
    this.#now = of.now;
    this.#wrong = of.wrong;
    this.#glanceLagMs = of.glanceLagMs;
    this.#leasesHold = of.leasesHold;
  }

  claimed(life: Life, of: { readonly execution: string; readonly path: string; readonly leaseMs: number }): void {
    const place = stepKey(of.path);
    const where = `${life.worker} ${of.execution} ${keyAt(place)}`;
    this.#claims.set(where, { life, place, untilMs: this.#now() + of.leaseMs });
  }

  /** @param leaseUntilMs by the worker's clock */
  renewed(life: Life, of: { readonly execution: string; readonly path: string; readonly leaseUntilMs: number }): void {
    const lease = this.#claims.get(`${life.worker} ${of.execution} ${keyAt(stepKey(of.path))}`);
    if (lease) lease.untilMs = Math.max(lease.untilMs, of.leaseUntilMs - life.skewMs);
  }

  /** A holder has written: it must have been the newest, or the step one without claims. */
  wrote(place: string, before: LogRecord | undefined, holder: Holder): void {
    const fence = before?.kind === "step" ? before.fence : 0;
    if (holder !== "repeatable" && holder !== fence)
      this.#wrong(`holder ${holder} of ${place} writes, and its fence is ${fence}`);
  }

  /** Gives back what is to be called at the attempt's end. */
  begin(life: Life, call: HandlerCall, { graph, repeatable }: Begun): () => void {
    const { execution, path } = call.step;
    const records = this.#store.records(execution);
    const key = stepKey(path);
    if (!generationsOf(records).some((generation) => leadsTo(records, generation.place(key))))
      this.#wrong(`${path} runs, and no recorded decision leads to it`);
    this.#sayUndone(call, graph);
    const undoes = undoneBy(path) !== undefined;
    const sinceMs = this.#store.stillSinceMs(execution, undoes) ?? Number.POSITIVE_INFINITY;
    if (sinceMs < life.bornMs - this.#glanceLagMs)
      this.#wrong(`${path} runs, and its execution was not running when its worker was born`);
    const where = `${execution} ${key}`;
    const lease = this.#claims.get(`${life.worker} ${where}`);
    if (repeatable) return () => {};
    if (!lease) {
      this.#wrong(`${path} runs without a claim`);
      return () => {};
    }
    const running = this.#running.get(where) ?? new Set();
    this.#running.set(where, running);
    // Past its lease, it may begin all the same; what it does then comes to nothing.
    if (this.#holds(lease)) {
      const record = records.get(lease.place);
      if (record?.kind === "step" && record.status === "settled") this.#wrong(`${path} runs after it has settled`);
      if ([...running].some((other) => this.#holds(other))) this.#wrong(`${path} runs twice at once`);
      const header = this.#store.header(execution);
      if (header && hasEnded(header)) this.#wrong(`${path} runs after its execution has ended`);
    }
    running.add(lease);
    return () => void running.delete(lease);
  }

  #sayUndone(call: HandlerCall, graph: Graph): void {
    const all = this.#store.records(call.step.execution);
    // The one whose key it works under: it is a message of no older one.
    const generation = generationsOf(all).findLast((it) => it.effectEpoch(stepKey(call.step.path)) === call.step.epoch);
    const wrong =
      generation && this.undone.begins(call, { graph, generation, records: generation.view(all), log: all });
    if (wrong) this.#wrong(wrong);
  }

  #holds({ life, untilMs }: Lease): boolean {
    return this.#leasesHold && !life.dead && this.#now() < untilMs;
  }
}
