/**
 * The status of an execution, and what turns it. Each turn is one conditional write of the log.
 *
 *     running ⇄ paused          by control, each request once
 *        │         │
 *        ├─────────┼──▶ stopping ──▶ failed, cancelled
 *        │         │       │
 *        │         └───────┴──▶ stuck          an undo came to nothing
 *        └────────────▶ succeeded
 *     ended ──▶ running               in the next epoch
 *     stuck ──▶ running, stopping     in the next epoch, so that two who see to it at once go one way
 */
import type { EndStatus, ExecutionStatus, Header, StepError, ValueRef } from "./record.ts";

export interface StatusChange {
  /** Only in this epoch. */
  readonly epoch: number;
  readonly from: readonly ExecutionStatus[];
  /** Only when it was paused and resumed so often; counts one more. */
  readonly turns?: number;
  readonly to: ExecutionStatus;
  readonly endedAtMs?: number;
  readonly output?: ValueRef;
  readonly error?: StepError;
  /** Of a stop: as what it is to end. */
  readonly ending?: EndStatus;
  /** Of a stop: what was done stays done, and so nothing can get stuck. */
  readonly keep?: true;
  /** The undo that came to nothing. */
  readonly stuck?: StepError;
  /** Begins the next epoch: how the one before ended is forgotten, unless `from` says that it had not ended yet. */
  readonly reopen?: true;
}

/** Undefined: the header is not as the change says it must be. */
export function turnHeader(header: Header | undefined, change: StatusChange): Header | undefined {
  const { epoch, from, turns, to, reopen, ...end } = change;
  if (!header || header.epoch !== epoch || !from.includes(header.status)) return undefined;
  if (turns !== undefined && turns !== (header.turns ?? 0)) return undefined;
  if (to === "stuck" && header.keep) return undefined;
  const counted = turns === undefined ? {} : { turns: turns + 1 };
  if (!reopen) return { ...header, ...end, ...counted, status: to };
  if (header.status === "stuck") {
    const { stuck: _stuck, ...goingOn } = header;
    return { ...goingOn, ...end, status: to, epoch: epoch + 1 };
  }
  const { endedAtMs: _ended, output: _output, error: _error, ending: _ending, keep: _keep, ...kept } = header;
  return { ...kept, status: to, epoch: epoch + 1 };
}
