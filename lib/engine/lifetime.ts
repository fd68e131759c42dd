/**
 * How long an execution lives, and how long its records stay after that. They go one by one, and a queue keeps a message
 * for 14 days: nothing of it begins in the last 15 days that they are there.
 *
 *     start ────────── lives: 30 days, or its timeout if that is longer ──────────┬── retention: 15 days ──┐
 *                                                                     no step begins any more       records go
 */
import type { Execution } from "../contract/ids.ts";
import type { StepError } from "../kernel/record.ts";
import type { Context } from "./context.ts";

type Of = Pick<Context, "clock" | "limits">;

/** Of what begins now: in seconds since 1970. @param timeoutMs the workflow's own */
export function expiresAtOf({ clock, limits }: Of, timeoutMs = 0): number {
  return Math.ceil((clock.now() + Math.max(limits.longestLifeMs, timeoutMs) + limits.retentionMs) / 1000);
}

export const livesUntilMs = ({ limits }: Pick<Of, "limits">, { expiresAt }: Execution): number =>
  expiresAt * 1000 - limits.retentionMs;

/** Undefined while it may go on. */
export function outlived(of: Of, execution: Execution): StepError | undefined {
  const untilMs = livesUntilMs(of, execution);
  if (of.clock.now() < untilMs) return undefined;
  const until = new Date(untilMs).toISOString();
  const message = `it has lived as long as it may, until ${until}: give its workflow a longer timeout`;
  return { code: "timeout", message, path: "" };
}
