import type { ExecutionName } from "../contract/ids.ts";
import type { Bindings, Header } from "../kernel/record.ts";
import type { Program } from "../model/program.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { Handlers } from "../ports/handlers.ts";
import type { StepLog } from "../ports/step-log.ts";
import type { Outcome, Transport } from "../ports/transport.ts";
import type { Programs } from "./programs.ts";

export interface Ports {
  readonly log: StepLog;
  readonly transport: Transport;
  readonly bus: EventBus;
  readonly handlers: Handlers;
  readonly clock: Clock;
}

export interface Limits {
  /** How far the clocks of two workers may be apart. 0 where there is only one. */
  readonly skewMs: number;
  /** How long an execution may live, and how long its records stay after that. */
  readonly longestLifeMs: number;
  readonly retentionMs: number;
}

export interface Context extends Ports {
  readonly limits: Limits;
  readonly programs: Programs;
  /** Told of each execution that ended here, once its end is on disk. */
  readonly ended: (header: Header) => void;
}

/** One message at work: what it has seen and loaded so far. */
export interface Invocation {
  readonly context: Context;
  readonly execution: ExecutionName;
  readonly program: Program;
  readonly epoch: number;
  /** Records that this invocation has walked through: each once, or nested scopes would multiply. */
  readonly seen: Set<string>;
  /** The message has been here before: what it leads to may be done already. */
  readonly again: boolean;
  /** From here on, what would have run inline is sent instead. */
  readonly hurryAtMs: number;
  /** Runs a step and what rides on it, under this message. */
  readonly step: (inv: Invocation, visit: Visit) => Promise<Whole>;
}

/** A step to be attempted. */
export interface Visit {
  readonly path: string;
  readonly bind: Bindings;
  /** From 1; for the handler's information. */
  readonly attempt: number;
}

/** Whether everything that rides on the message is settled and dispatched; if not, when to try again. */
export type Whole = { readonly whole: true } | { readonly whole: false; readonly againMs: number };
export const WHOLE: Whole = { whole: true };
export const notWhole = (againMs: number): Whole => ({ whole: false, againMs: Math.max(1, Math.ceil(againMs)) });

export const bothWhole = (all: readonly Whole[]): Whole => {
  let againMs: number | undefined;
  for (const w of all) if (!w.whole) againMs = Math.min(againMs ?? w.againMs, w.againMs);
  return againMs === undefined ? WHOLE : { whole: false, againMs };
};

export const outcomeOf = (whole: Whole): Outcome =>
  whole.whole ? { kind: "acknowledge" } : { kind: "putOff", delayMs: whole.againMs };

/** How long a message of an unknown graph is put off at a time: a deploy is under way. */
export const DEPLOY_RETRY_MS = 5_000;
