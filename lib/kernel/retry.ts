import type { RetrySpec } from "../model/graph.ts";

/**
 * How long to wait before the attempt after `failures` failures: exponential, capped, with full jitter, so that many
 * steps that failed together do not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter").
 *
 * @param random from 0 to below 1
 */
export function retryDelayMs(retry: RetrySpec, failures: number, random: number): number {
  const ceiling = Math.min(retry.maxDelayMs, retry.firstDelayMs * retry.rate ** (failures - 1));
  return Math.round(retry.jitter === false ? ceiling : ceiling * random);
}

/** When something is looked at again that has not failed by itself: after 200 ms, 400 ms, … at most `mostMs`. */
export const lookAgainMs = (receives: number, mostMs: number): number =>
  Math.min(mostMs, 100 * 2 ** Math.min(receives, 10));

/** At this many crashes a step is settled as `crashed`. */
export const MOST_CRASHES = 3;
