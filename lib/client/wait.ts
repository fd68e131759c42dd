/** What both clients understand alike: which workflow is meant, and how long to wait. */
import { PawlError } from "../errors.ts";
import { type Duration, durationMs } from "../model/duration.ts";
import type { Workflow } from "../model/types.ts";

export const nameOf = (workflow: Pick<Workflow, "name"> | string): string =>
  typeof workflow === "string" ? workflow : workflow.name;

/** @throws PawlError `usage` */
export function timeLeft(timeout: Duration | undefined): () => number {
  if (timeout === undefined) return () => Number.POSITIVE_INFINITY;
  const ms = durationMs(timeout);
  if (ms === undefined)
    throw new PawlError("usage", `the timeout '${timeout}' is no duration: write "30 seconds" or "5 minutes"`);
  const endMs = performance.now() + ms;
  return () => Math.max(0, Math.ceil(endMs - performance.now()));
}

export const stillRunning = (execution: string, timeout: Duration | undefined): PawlError =>
  new PawlError("still_running", `${execution} is still running after ${timeout}`, { execution });
