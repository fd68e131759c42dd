/**
 * What goes wrong in a world, as plain data: the same plan gives the same history. Port calls are numbered through all
 * workers, from 1, and so are the messages that are sent.
 */

import type { SingleRequest } from "../../engine/requests.ts";

/** Before a call takes effect, or after: then the effect is there, and nobody hears of it. */
export type When = "before" | "after";

export type Fault =
  /** The worker dies at this call, with all that it does at once. */
  | { readonly kind: "crash"; readonly at: number; readonly when: When }
  /** The call takes so long. Beyond its lease, the worker wakes as a zombie. */
  | { readonly kind: "stall"; readonly at: number; readonly when: When; readonly ms: number }
  /** Throttled, or in conflict with another write: the call throws and has no effect. */
  | { readonly kind: "refuse"; readonly at: number }
  /** Of several messages that are sent or acknowledged at once, every second is not, and the call throws. */
  | { readonly kind: "part"; readonly at: number }
  /** The message is delivered twice: the copy comes so much later. */
  | { readonly kind: "duplicate"; readonly message: number; readonly afterMs: number }
  | { readonly kind: "late"; readonly message: number; readonly ms: number }
  /** The worker dies in the handler of this step, so many times. */
  | { readonly kind: "poison"; readonly path: string; readonly times: number }
  /** Somebody outside sends this to the execution's control queue, just before this call. */
  | { readonly kind: "control"; readonly at: number; readonly order: SingleRequest }
  /** All messages are gone just before this call; the execution is healed when nothing is left to do. */
  | { readonly kind: "purge"; readonly at: number };

export interface Asked {
  readonly afterMs: number;
  readonly order: SingleRequest;
}

export interface Plan {
  readonly faults: readonly Fault[];
  /** Asked from outside so long after the start, and again until the execution is known. */
  readonly asked?: readonly Asked[];
  /** Asked from outside one after another, each when nothing is left to do. Faults go on to count. */
  readonly afterwards?: readonly SingleRequest[];
  /** Of the chance by which jitter and retries go. Default 1. */
  readonly seed?: number;
  /** How far the clocks of workers are off, each worker's the next of these. Default: none is. */
  readonly skewsMs?: readonly number[];
  /** Messages received at once. Default 10, the most there can be. */
  readonly batch?: number;
  /** Each call, and each message, takes a random time up to this. Default 0: all that can go on goes on in lockstep. */
  readonly jitterMs?: number;
  /** How old a header is that is read without consistency. Default 0. */
  readonly glanceLagMs?: number;
  /** Values up to this many bytes travel with messages. Default 0. */
  readonly carryBytes?: number;
  /**
   * Newer programs: from this call on, every second node function is new; from the other on, all of them and control.
   * As a deployment does it, control comes last.
   */
  readonly deploy?: { readonly nodesFrom: number; readonly controlFrom: number };
}

export const NOTHING_WRONG: Plan = { faults: [] };
/** Longer than any lease, visibility timeout or function. */
export const ZOMBIE_MS = 20 * 60_000;

export function printFault(fault: Fault): string {
  switch (fault.kind) {
    case "crash":
      return `crash ${fault.when} call ${fault.at}`;
    case "stall":
      return `stall of ${fault.ms / 1000} s ${fault.when} call ${fault.at}`;
    case "refuse":
      return `call ${fault.at} refused`;
    case "part":
      return `call ${fault.at} done in part`;
    case "duplicate":
      return `message ${fault.message} twice, ${fault.afterMs / 1000} s apart`;
    case "late":
      return `message ${fault.message} late by ${fault.ms / 1000} s`;
    case "poison":
      return `the worker dies ${fault.times} times at ${fault.path}`;
    case "control":
      return `${"signal" in fault.order ? `signal ${fault.order.signal} ${fault.order.id}` : fault.order.kind} at call ${fault.at}`;
    case "purge":
      return `all queues purged at call ${fault.at}`;
  }
}
