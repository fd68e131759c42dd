/**
 * How long an execution lives, and how long its records stay after that. They go one by one, and a queue keeps a message
 * for 14 days: nothing of it begins in the last 15 days that they are there.
 *
 *     start ────────── lives: 30 days, or its timeout if that is longer ──────────┬── retention: 15 days ──┐
 *                                                                     no step begins any more       records go
 */
import type { Execution } from "../contract/ids.ts";
import type { Header, StepError } from "../kernel/record.ts";
import type { Context } from "./context.ts";

interface Of {
  readonly clock: Pick<Context["clock"], "now">;
  readonly limits: Pick<Context["limits"], "longestLifeMs" | "retentionMs">;
}

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
  return { code: "timeout", message: `${livedUntil(untilMs)}: give its workflow a longer timeout`, path: "" };
}

/** Why one that has ended cannot go on: it would fail at its first step, and all that it ever did be undone. */
export function tooOld(of: Of, { status, ...execution }: Execution & Pick<Header, "status">): string | undefined {
  // What is stuck goes on with undoing, for as long as its records are there.
  const isOver = status !== "stuck" && outlived(of, execution) !== undefined;
  return isOver ? `${livedUntil(livesUntilMs(of, execution))}; a fork of it begins a life of its own` : undefined;
}

const livedUntil = (untilMs: number): string =>
  `it has lived as long as it may, until ${new Date(untilMs).toISOString()}`;
