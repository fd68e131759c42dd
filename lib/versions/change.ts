/** What a new version changes, and what that means for executions in flight on an older graph. */

/**
 * `safe`: they run to their end on the new code. `safe_once_drained`: some may not; none must be in flight.
 * `needs_mapping`: they come to something that the new code does not have; `retired` can name what stands in for it.
 * `refused`: wrong whether or not any is in flight.
 */
export type Verdict = "safe" | "safe_once_drained" | "needs_mapping" | "refused";

/** Worst last. */
export const VERDICTS = ["safe", "safe_once_drained", "needs_mapping", "refused"] as const satisfies readonly Verdict[];

export interface Change {
  readonly kind: ChangeKind;
  /** A state's static path, a node, a slot, an event: what changed. */
  readonly where: string;
  readonly verdict: Verdict;
  readonly why: string;
  /** What to do about it; empty where nothing is to be done. */
  readonly do: string;
  /** The state of the older graph that executions have to come to for it to matter. Absent: any of them may. */
  readonly at?: string;
}

export type ChangeKind =
  | "state_added"
  | "state_removed"
  | "state_changed"
  | "node_added"
  | "node_removed"
  | "node_renamed"
  | "node_changed"
  | "slot_missing"
  | "slot_reads"
  | "slot_gives"
  | "input_changed"
  | "output_changed"
  | "timeout_changed"
  | "event_added"
  | "event_removed"
  | "event_changed"
  | "signal_added"
  | "signal_removed"
  | "signal_changed"
  | "trigger_changed"
  | "schedule_changed"
  | "format_changed"
  | "call_added"
  | "call_removed"
  | "call_changed";

export const worstOf = (changes: readonly Pick<Change, "verdict">[]): Verdict =>
  VERDICTS.findLast((verdict) => changes.some((change) => change.verdict === verdict)) ?? "safe";
