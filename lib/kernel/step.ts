/**
 * The transitions of a step's record. Each is one conditional write of the log: the record before goes in, the record
 * after comes out, or the reason why there is none.
 *
 *     (none) ──claim──▶ running ──settle──▶ settled
 *                          │ ▲
 *        fail, crash, release │ claim, after not-before
 *                          ▼ │
 *                         idle
 */
import type { Json } from "../model/json.ts";
import type { Decision, StepError, StepRecord } from "./record.ts";

export type Claimed =
  | { readonly kind: "claimed"; readonly record: StepRecord }
  | { readonly kind: "settled"; readonly record: StepRecord }
  | { readonly kind: "held"; readonly untilMs: number };

export interface ClaimRequest {
  readonly node: string;
  readonly nowMs: number;
  readonly leaseMs: number;
  /** How far two clocks may be apart: a lease counts as ended only so much later. */
  readonly skewMs: number;
}

/** Allowed when no lease is running and a failed step's delay has passed. Raises the fence. */
export function claimStep(record: StepRecord | undefined, request: ClaimRequest): Claimed {
  const { nowMs, skewMs } = request;
  if (record?.status === "settled") return { kind: "settled", record };
  const leaseEndMs = record?.status === "running" ? (record.leaseUntilMs ?? 0) + skewMs : 0;
  const freeMs = Math.max(leaseEndMs, record?.notBeforeMs ?? 0);
  if (nowMs < freeMs) return { kind: "held", untilMs: freeMs };
  const before = record ?? unstarted(request.node);
  const { notBeforeMs: _, ...kept } = before;
  return {
    kind: "claimed",
    record: {
      ...kept,
      status: "running",
      fence: before.fence + 1,
      leaseUntilMs: nowMs + request.leaseMs,
      startedAtMs: before.startedAtMs ?? nowMs,
    },
  };
}

/** That of a step's first claim: nobody held it before. */
export const FIRST_FENCE = 1;

export type Written =
  | { readonly kind: "written"; readonly record: StepRecord }
  /** The condition did not hold; `record` is what is there. */
  | { readonly kind: "refused"; readonly record: StepRecord | undefined };

/** A claim's fence, or `repeatable` for a step that runs without a claim. */
export type Holder = number | "repeatable";

const holds = (record: StepRecord | undefined, holder: Holder): boolean =>
  holder === "repeatable" ? record?.status !== "settled" : record?.status === "running" && record.fence === holder;

export interface Settlement {
  readonly node: string;
  readonly holder: Holder;
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly result: { readonly output: Json } | { readonly error: StepError };
  readonly decision: Decision;
}

/** Output and decision in one write: nobody is asked twice where to go. */
export function settleStep(record: StepRecord | undefined, s: Settlement): Written {
  if (!holds(record, s.holder)) return { kind: "refused", record };
  const { leaseUntilMs: _lease, notBeforeMs: _before, error: _error, ...kept } = record ?? unstarted(s.node);
  return {
    kind: "written",
    record: {
      ...kept,
      ...s.decision,
      ...s.result,
      status: "settled",
      startedAtMs: kept.startedAtMs ?? s.startedAtMs,
      endedAtMs: s.atMs,
    },
  };
}

export interface Setback {
  readonly node: string;
  readonly holder: Holder;
  readonly startedAtMs: number;
  readonly error: StepError;
  readonly notBeforeMs: number;
}

/** The handler threw: ends the lease and counts the failure. */
export function failStep(record: StepRecord | undefined, f: Setback): Written {
  return setBack(record, f, "failures");
}

/** The process died, or the message came to nothing too often: ends the lease and counts a crash. */
export function crashStep(record: StepRecord | undefined, f: Setback): Written {
  return setBack(record, f, "crashes");
}

function setBack(record: StepRecord | undefined, f: Setback, counter: "failures" | "crashes"): Written {
  if (!holds(record, f.holder)) return { kind: "refused", record };
  const { leaseUntilMs: _, ...kept } = record ?? unstarted(f.node);
  return {
    kind: "written",
    record: {
      ...kept,
      status: "idle",
      startedAtMs: kept.startedAtMs ?? f.startedAtMs,
      notBeforeMs: f.notBeforeMs,
      error: f.error,
      [counter]: kept[counter] + 1,
    },
  };
}

export interface Memo {
  readonly node: string;
  readonly holder: Holder;
  readonly startedAtMs: number;
  readonly name: string;
  readonly value: Json;
}

export interface Renewal {
  readonly fence: number;
  readonly leaseUntilMs: number;
}

/** A part of the handler is done. What is remembered under a name first stays. */
export function rememberStep(record: StepRecord | undefined, m: Memo): Written {
  if (!holds(record, m.holder)) return { kind: "refused", record };
  const before = record ?? unstarted(m.node);
  const memo = { [m.name]: m.value, ...before.memo };
  return { kind: "written", record: { ...before, startedAtMs: before.startedAtMs ?? m.startedAtMs, memo } };
}

/** The holder is still at work: its lease lasts longer, and never shorter than it did. */
export function renewStep(record: StepRecord | undefined, renewal: Renewal): Written {
  if (!record || !holds(record, renewal.fence)) return { kind: "refused", record };
  const leaseUntilMs = Math.max(record.leaseUntilMs ?? 0, renewal.leaseUntilMs);
  return { kind: "written", record: { ...record, leaseUntilMs } };
}

/** Gives the lease back without counting anything, before the handler: the first to hold it has begun nothing. */
export function releaseStep(record: StepRecord | undefined, fence: number): Written {
  if (!record || !holds(record, fence)) return { kind: "refused", record };
  const { leaseUntilMs: _lease, startedAtMs, ...kept } = record;
  const begun = fence > FIRST_FENCE && startedAtMs !== undefined && { startedAtMs };
  return { kind: "written", record: { ...kept, ...begun, status: "idle" } };
}

/** The execution is ending: a step that nobody holds is settled with nothing to follow, so that a late claim finds it so. */
export function closeStep(
  record: StepRecord | undefined,
  request: { readonly node: string; readonly nowMs: number; readonly skewMs: number },
): Claimed {
  if (record?.status === "settled") return { kind: "settled", record };
  if (record?.status === "running") {
    const untilMs = (record.leaseUntilMs ?? 0) + request.skewMs;
    if (request.nowMs < untilMs) return { kind: "held", untilMs };
  }
  const { leaseUntilMs: _lease, notBeforeMs: _before, ...before } = record ?? unstarted(request.node);
  const closed: StepRecord = {
    ...before,
    status: "settled",
    fence: before.fence + 1, // a holder that sleeps on is refused
    closed: true,
    next: [],
    endedAtMs: request.nowMs,
  };
  return { kind: "claimed", record: closed };
}

const unstarted = (node: string): StepRecord => ({
  kind: "step",
  node,
  status: "idle",
  fence: 0,
  failures: 0,
  crashes: 0,
});
