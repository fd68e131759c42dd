/** Where faults can be placed in a run whose calls and messages are counted. */
import type { CanBefall } from "./calls.ts";
import { type Fault, ZOMBIE_MS } from "./plan.ts";

export interface Counted {
  readonly calls: number;
  /** For each call: what of this can befall it at all. */
  readonly canBefall: readonly CanBefall[];
  readonly messages: number;
}

/** Of a message: at once, while its first delivery is at work, and long after it. */
const COPIES_AFTER_MS = [0, ZOMBIE_MS];
/** Longer than what little a function keeps back, and shorter than a lease: an inline step finds too little time left. */
const SLOW_MS = 20_000;

/** Every single fault that changes anything. */
export function* singleFaults({ calls, messages, canBefall }: Counted): Generator<Fault> {
  for (let at = 1; at <= calls; at++) {
    for (const when of ["before", "after"] as const) yield { kind: "crash", at, when };
    const can = canBefall[at - 1];
    if (can?.refuse) yield { kind: "refuse", at };
    if (can?.part) yield { kind: "part", at };
    for (const when of ["before", "after"] as const) yield { kind: "stall", at, when, ms: ZOMBIE_MS };
    yield { kind: "stall", at, when: "before", ms: SLOW_MS };
  }
  for (let message = 1; message <= messages; message++) {
    for (const afterMs of COPIES_AFTER_MS) yield { kind: "duplicate", message, afterMs };
    yield { kind: "late", message, ms: ZOMBIE_MS };
  }
}

/** Every message delivered to a second worker while the first has it. */
export function* duplicates({ messages }: Counted): Generator<Fault> {
  for (let message = 1; message <= messages; message++) yield { kind: "duplicate", message, afterMs: 0 };
}

/** The crashes and zombies among them, which two by two come to most of what can happen. */
export function* deaths({ calls }: Counted): Generator<Fault> {
  for (let at = 1; at <= calls; at++) {
    for (const when of ["before", "after"] as const) yield { kind: "crash", at, when };
    yield { kind: "stall", at, when: "before", ms: ZOMBIE_MS };
  }
}
