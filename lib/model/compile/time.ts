/** Times that an execution may sleep: from a second to a year, and no longer than it may live. */
import { durationText } from "../duration.ts";
import { DAY_MS, DEFAULT_LIFE_MS, LONGEST_LIFE_MS } from "../life.ts";
import type { Problems } from "./problems.ts";

const SECOND_MS = 1000;
export const DEFAULT_SIGNAL_TIMEOUT_MS = 7 * DAY_MS;

export function lifeOf(problems: Problems, timeout: string): number {
  const ms = problems.duration("workflow", "timeout", timeout);
  if (ms < SECOND_MS || ms > LONGEST_LIFE_MS)
    problems.add("workflow", `timeout '${timeout}' is out of range: from 1 second to 366 days`);
  return ms;
}

export interface Sleep {
  readonly path: string;
  /** "for", "timeout" */
  readonly what: string;
  readonly text: string;
}

/** @param lifeMs the workflow's `timeout` */
export function sleepMs(problems: Problems, { path, what, text }: Sleep, lifeMs = DEFAULT_LIFE_MS): number {
  const ms = problems.duration(path, what, text);
  if (ms < SECOND_MS || ms > LONGEST_LIFE_MS)
    problems.add(path, `${what} '${text}' is out of range: from 1 second to 366 days`);
  else if (ms > lifeMs)
    problems.add(
      path,
      `${what} '${text}' is longer than an execution lives (${durationText(lifeMs)}): give the workflow a longer timeout`,
    );
  return ms;
}
