/**
 * The step log: each method is one atomic, conditional write or read. It also watches what no reader could see later,
 * and throws a `Violation` at once: a record at rest that changes, a lease taken from under its holder.
 */

import type { Effect, How } from "./effect.ts";
import type { Edit, PhysicalKey } from "./generation.ts";
import { type Header, Headers, type Turn } from "./headers.ts";
import { Mailbox } from "./mailbox.ts";
import type { Mutant } from "./mutants.ts";
import type { StepMessage } from "./queue.ts";
import type { Seat } from "./seats.ts";
import { Violation } from "./violation.ts";

/** Replaced, never changed in place: whoever has read one keeps what was there. */
export interface StepRecord {
  readonly status: "idle" | "running" | "settled";
  readonly fence: number;
  readonly leaseUntil: number;
  readonly notBefore: number;
  readonly failures: number;
  readonly crashes: number;
  /** Somebody who held it may have begun its handler. */
  readonly begun?: boolean;
  readonly result?: Result;
  /** Its error is one that says that nothing happened. */
  readonly declared?: boolean | undefined;
  /** The record whose decision led here, as its settler saw it. */
  readonly from?: PhysicalKey;
  readonly next?: readonly Effect[] | undefined;
}
const UNTOUCHED: StepRecord = { status: "idle", fence: 0, leaseUntil: 0, notBefore: 0, failures: 0, crashes: 0 };
export type Result = "output" | "error" | "closed";

export interface Decision {
  readonly next: readonly Effect[];
  /** Put by a drain, so that nothing follows. */
  readonly closed: boolean;
  /** Where the outputs lie that it was made of; a join's by member. */
  readonly members?: ReadonlyMap<number, PhysicalKey>;
  /** Of a scope that was ended early. */
  readonly how?: How;
  /** An undo plan's: paths of steps that are undone, by stage. */
  readonly stages?: readonly (readonly string[])[];
  /** A wait's signal; or that it came to its time. */
  readonly signal?: string;
  readonly due?: number;
  /** A call's child, and whether it came to an output. */
  readonly child?: { readonly name: string; readonly succeeded: boolean };
}

export interface JoinSet {
  readonly members: Map<number, string>;
  arrivals: number;
}

export interface Parked {
  readonly id: number;
  readonly body: StepMessage;
}

/** Who asks: a message at work, and what its process' clock says. */
export interface Holder {
  readonly id: number;
  readonly clock: number;
  readonly repeatable: boolean;
}
export type Claimed = { readonly kind: "claimed" | "settled"; readonly record: StepRecord } | { readonly kind: "held" };

const LEASE = 12;
export const MOST_SKEW = 4;

interface Lease {
  readonly holder: number;
  readonly fence: number;
  /** By the true time. */
  readonly until: number;
}

export class StepLog {
  readonly headers: Headers;
  readonly steps = new Map<PhysicalKey, StepRecord>();
  readonly decisions = new Map<PhysicalKey, Decision>();
  readonly sets = new Map<PhysicalKey, JoinSet>();
  readonly edits = new Map<number, Edit>();
  readonly parked = new Map<string, Parked>();
  readonly #mailboxes = new Map<string, Mailbox>();
  /** Told of what is about to be written. */
  watch: { decided(key: PhysicalKey, decision: Decision): void; claimed(key: PhysicalKey): void } = {
    decided() {},
    claimed() {},
  };
  /** Transactional effects by idempotency key. */
  readonly effects = new Map<string, number>();
  readonly #leases = new Map<PhysicalKey, Lease>();
  readonly #notBefore = new Map<PhysicalKey, number>();
  readonly #breaks: (mutant: Mutant) => boolean;
  readonly #now: () => number;
  #parkings = 0;

  constructor(now: () => number, breaks: (mutant: Mutant) => boolean) {
    this.headers = new Headers(now, breaks);
    this.#now = now;
    this.#breaks = breaks;
  }

  claim(key: PhysicalKey, by: Holder): Claimed {
    const record = this.#step(key);
    if (record.status === "settled") return { kind: "settled", record };
    const margin = this.#breaks("noskew") ? 0 : MOST_SKEW;
    const leased = record.status === "running" && by.clock < record.leaseUntil + margin;
    if (leased || (by.clock < record.notBefore && !this.#breaks("nobackoff"))) return { kind: "held" };
    this.#takeOver(key);
    if (this.#now() < (this.#notBefore.get(key) ?? 0) - MOST_SKEW) throw new Violation(`${key} ran before its delay`);
    this.watch.claimed(key);
    const fence = record.fence + 1;
    this.#leases.set(key, { holder: by.id, fence, until: this.#now() + LEASE });
    const leaseUntil = by.clock + LEASE;
    return {
      kind: "claimed",
      record: this.#put(key, { ...record, status: "running", fence, leaseUntil, begun: true }),
    };
  }

  /** @param fence of the claim; undefined for a repeatable step */
  settle(key: PhysicalKey, fence: number | undefined, settlement: Settlement): boolean {
    const record = this.#step(key);
    const unfenced = this.#breaks(fence === undefined ? "repeatableoverwrites" : "nofence");
    if (!unfenced && !holds(record, fence)) return false;
    if (record.status === "settled") throw new Violation(`${key} settled twice`);
    if (this.#leases.get(key)?.holder !== settlement.by) this.#takeOver(key);
    const { result, declared, from, next, effect } = settlement;
    this.#put(key, { ...record, status: "settled", result, declared, from, next });
    this.#leases.delete(key);
    if (effect) this.#takeEffect(effect);
    return true;
  }

  /** The second half of a settle that was torn in two. */
  addDecision(key: PhysicalKey, next: readonly Effect[]): void {
    const record = this.#step(key);
    this.#put(key, { ...record, next: record.next ?? next });
  }

  setBack(key: PhysicalKey, fence: number | undefined, by: SetBack): boolean {
    const record = this.#step(key);
    const unfenced = this.#breaks("failureunfenced") && record.status !== "settled";
    if (!unfenced && !holds(record, fence)) return false;
    if (record.fence === fence) this.#leases.delete(key);
    this.#notBefore.set(key, this.#now() + by.delay);
    const notBefore = by.clock + by.delay;
    this.#put(key, { ...record, status: "idle", notBefore, [by.counter]: record[by.counter] + 1 });
    return true;
  }

  release(key: PhysicalKey, fence: number): void {
    const record = this.#step(key);
    if (!holds(record, fence)) return;
    const begun = fence > 1 && !this.#breaks("releaseforgets");
    this.#put(key, { ...record, status: "idle", begun });
    this.#leases.delete(key);
  }

  close(key: PhysicalKey, clock: number): "closed" | "settled" | "held" {
    const record = this.#step(key);
    if (record.status === "settled") return "settled";
    const leased = record.status === "running" && clock < record.leaseUntil + MOST_SKEW;
    if (leased && !this.#breaks("closeheld")) return "held";
    this.#takeOver(key);
    this.#put(key, { ...record, status: "settled", result: "closed", next: [] });
    return "closed";
  }

  /** True when the set is full, whoever filled it. */
  arrive(key: PhysicalKey, seat: Seat, value: string): boolean {
    const set = this.sets.get(key) ?? { members: new Map<number, string>(), arrivals: 0 };
    this.sets.set(key, set);
    const changed = !set.members.has(seat.member);
    if (changed) set.members.set(seat.member, value);
    set.arrivals++;
    if (this.#breaks("countarrivals")) return set.arrivals >= seat.of;
    return set.members.size === seat.of && (changed || !this.#breaks("treestops"));
  }

  /** Put if absent; gives back the one that stands. */
  decide(key: PhysicalKey, decision: Decision): { readonly standing: Decision; readonly mine: boolean } {
    const standing = this.decisions.get(key);
    if (standing) return { standing, mine: false };
    this.watch.decided(key, decision);
    this.decisions.set(key, decision);
    return { standing: decision, mine: true };
  }

  /** Put if absent; gives back the one that stands. */
  edit(edit: Edit): Edit {
    const standing = this.edits.get(edit.epoch);
    if (standing && !this.#breaks("editoverwrites")) return standing;
    this.edits.set(edit.epoch, edit);
    return edit;
  }

  /** One transaction: only while the header of this epoch is paused. Replaces what is parked for the path. */
  park(body: StepMessage): boolean {
    const { current } = this.headers;
    const paused = current?.status === "paused" || this.#breaks("parkrace");
    if (!paused || (current?.epoch !== body.epoch && !this.#breaks("parkanyepoch"))) return false;
    if (current && current.epoch > body.epoch && paused)
      throw new Violation(`a message of epoch ${body.epoch} was parked in epoch ${current.epoch}`);
    this.parked.set(body.path, { id: ++this.#parkings, body });
    return true;
  }

  unpark(path: string, id: number): void {
    if (this.#breaks("resumeany") || this.parked.get(path)?.id === id) this.parked.delete(path);
  }

  /** Each change of it is one conditional write. */
  mailbox(signal: string): Mailbox {
    const mailbox = this.#mailboxes.get(signal) ?? new Mailbox(this.#breaks);
    this.#mailboxes.set(signal, mailbox);
    return mailbox;
  }
  get mailboxes(): readonly Mailbox[] {
    return [...this.#mailboxes.values()];
  }

  turn(turn: Turn): Header | undefined {
    return this.headers.turn(turn);
  }

  /** Whoever has acknowledged holds nothing: its lease would only be waited for. */
  leasesOf(holder: number): readonly PhysicalKey[] {
    return [...this.#leases].filter(([, lease]) => lease.holder === holder).map(([key]) => key);
  }

  #step(key: PhysicalKey): StepRecord {
    return this.steps.get(key) ?? UNTOUCHED;
  }

  #put(key: PhysicalKey, record: StepRecord): StepRecord {
    this.steps.set(key, record);
    return record;
  }

  #takeOver(key: PhysicalKey): void {
    const lease = this.#leases.get(key);
    if (lease && this.#now() < lease.until) throw new Violation(`${key} was taken while its lease ran`);
    this.#leases.delete(key);
  }

  #takeEffect(key: string): void {
    const times = (this.effects.get(key) ?? 0) + 1;
    this.effects.set(key, times);
    if (times > 1) throw new Violation(`the transaction of ${key} took effect ${times} times`);
  }
}

export interface Settlement {
  /** The message at work. */
  readonly by: number;
  readonly result: Result;
  readonly declared?: boolean;
  readonly from: PhysicalKey;
  readonly next?: readonly Effect[] | undefined;
  /** The idempotency key of the user's writes in the settling transaction. */
  readonly effect?: string | undefined;
}

export interface SetBack {
  readonly counter: "failures" | "crashes";
  readonly clock: number;
  readonly delay: number;
}

const holds = (record: StepRecord, fence: number | undefined): boolean =>
  fence === undefined ? record.status !== "settled" : record.status === "running" && record.fence === fence;
