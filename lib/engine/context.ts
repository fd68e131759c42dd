import type { Execution } from "../contract/ids.ts";
import { payloadBytesOf } from "../contract/limits.ts";
import { RETENTION_MS } from "../contract/payload-terms.ts";
import type { Generation } from "../kernel/generation.ts";
import type { Bindings, Effect, Header, LogRecord, ValueRef } from "../kernel/record.ts";
import type { Json } from "../model/json.ts";
import { DEFAULT_LIFE_MS } from "../model/life.ts";
import type { Objects } from "../model/objects.ts";
import type { Program } from "../model/program.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { Handlers } from "../ports/handlers.ts";
import type { StepLog } from "../ports/step-log.ts";
import type { Delivery, Outcome, Transport } from "../ports/transport.ts";
import type { Generations } from "./generation-log.ts";
import type { Programs } from "./programs.ts";

export interface Ports {
  readonly log: StepLog;
  readonly transport: Transport;
  readonly bus: EventBus;
  readonly handlers: Handlers;
  readonly clock: Clock;
  /** Absent: whoever reads some is refused. */
  readonly objects?: Objects | undefined;
}

export interface Limits {
  /** How far the clocks of two workers may be apart. 0 where there is only one. */
  readonly skewMs: number;
  /** How long an execution may live, and how long its records stay after that. */
  readonly longestLifeMs: number;
  readonly retentionMs: number;
  /** Values up to this many bytes of JSON travel with a message, which saves reading them. 0 where a read is free. */
  readonly carryBytes: number;
  /** The largest value that an execution carries, in bytes of JSON. */
  readonly payloadBytes: number;
}

export const DEFAULT_LIMITS: Limits = {
  skewMs: 0,
  longestLifeMs: DEFAULT_LIFE_MS,
  retentionMs: RETENTION_MS,
  carryBytes: 0,
  payloadBytes: payloadBytesOf(),
};

export interface Context extends Ports {
  readonly limits: Limits;
  readonly programs: Programs;
  readonly generations: Generations;
  /** When whoever begins now has to be done: a Lambda's time is over then. */
  readonly deadlineMs: () => number;
  /** Told of each execution that ended here, once its end is on disk. */
  readonly ended: (header: Header) => void;
}

/** One message at work: what it has seen and loaded so far. */
export interface Invocation {
  readonly context: Context;
  readonly execution: Execution;
  readonly program: Program;
  /** The generation of the log that the message belongs to. */
  readonly generation: Generation;
  /** The log as that generation has it. */
  readonly log: StepLog;
  /** Records that this invocation has walked through: each once, or nested scopes would multiply. */
  readonly seen: Set<string>;
  /** Records at rest (settled steps, decisions), which never change: read once. */
  readonly atRest: Map<string, LogRecord>;
  /** Values that came with the message. */
  readonly carried: Readonly<Record<ValueRef, Json>>;
  /** The message has been here before: what it leads to may be done already. */
  readonly again: boolean;
  readonly deadlineMs: number;
  /**
   * The header as this message's first step saw it, of no older epoch than the message's own. An execution that ends
   * later closes what it finds open.
   */
  readonly header: () => Promise<Header | undefined>;
  /** Runs a step and what rides on it, under this message. */
  readonly step: (inv: Invocation, visit: Visit) => Promise<Whole>;
  /** Carries out what a record says comes next. @param again it may have been before, wholly or in part */
  readonly dispatch: (inv: Invocation, next: readonly Effect[], again: boolean) => Promise<Whole>;
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

/** What runs after a handler: deciding, settling, dispatching. A lease is so much longer than the attempt. */
export const AFTER_ATTEMPT_MS = 5_000;

/** A graph that is not stored: a deploy is under way, or the message is lost on us. */
export function unknownGraph({ clock }: Context, delivery: Delivery, graph: string): Outcome {
  if (clock.now() < delivery.sentAtMs + DEPLOY_MS) return { kind: "putOff", delayMs: DEPLOY_RETRY_MS };
  return { kind: "bury", reason: `no graph ${graph} is stored, an hour after the message was sent` };
}
const DEPLOY_MS = 60 * 60_000;
const DEPLOY_RETRY_MS = 20_000;

/** Whether a step of this generation may run: what undoes another runs while its execution is ending as well. */
export const mayRun = ({ generation }: Invocation, bind: Bindings, header: Header | undefined): boolean =>
  header?.epoch === generation.epoch &&
  (header.status === "running" || (header.status === "stopping" && bind.undo !== undefined && !header.keep));
