/**
 * What one message, and one execution, has waited. Where queues are first in, first out, the n-th to come is the n-th to
 * be through; to the time that it waited is added what delivery, writes and handler take it, drawn anew.
 *
 *      messages │        ╱ arrived
 *               │      ╱│    ╱ through
 *             n │────╱──┼──╱
 *               │  ╱    ╱│           the n-th was there from the one to the other
 *               └──────────────── time
 */
import { Random } from "../../test/model/random.ts";
import type { Curves } from "./simulate.ts";
import { drawn, quantile } from "./times.ts";
import { ASSUMED, type Stage } from "./workloads.ts";

export interface Percentiles {
  /** In ms. Infinity: still there at the end. */
  readonly p50: number;
  readonly p99: number;
}

export interface Latency {
  /** From a send to the next one, through one queue. */
  readonly hop: Percentiles;
  readonly execution: Percentiles;
}

export interface Watched {
  readonly stages: readonly Stage[];
  readonly curves: readonly Curves[];
  readonly inline: boolean;
  readonly dt: number;
  readonly seed: number;
}

const SAMPLES = 500;
/** Who comes at the very end has no time to be through. */
const WATCHED = 0.9;
/** Of a large fan-out the slowest of so many is drawn, at most. */
const MOST_DRAWN = 1_000;

export function latencyOf(of: Watched): Latency {
  const random = new Random(of.seed + 1);
  const first = of.curves[0] as Curves; // a workload has a stage
  const executions = first.arrived[Math.floor(first.arrived.length * WATCHED) - 1] ?? 0;
  /** What is done within another's function is no hop. */
  const queued = of.inline
    ? (of.stages[0]?.times.length ?? 0) / 2 - 1.5
    : of.stages.filter(({ within }) => !within).length;
  const hops: number[] = [];
  const whole: number[] = [];
  for (let i = 0; executions > 0 && i < SAMPLES; i++) {
    const all = hopsOf(of, random.unit() * executions, random);
    hops.push(all[random.below(queued)] as number); // below its length
    whole.push(all.reduce((sum, ms) => sum + ms, 0));
  }
  return { hop: percentiles(hops), execution: percentiles(whole) };
}

function hopsOf({ stages, curves, inline, dt }: Watched, n: number, random: Random): number[] {
  let place = n;
  return stages.flatMap((stage, k) => {
    const { arrived, through, aloneSteps } = curves[k] as Curves; // one for each stage
    place *= stage.fan;
    const gone = stepOf(through, place);
    const there = Number.isFinite(gone) ? gone - stepOf(arrived, place) : gone; // it may never have come either
    const waitedMs = Math.max(0, there - aloneSteps) * dt * 1000;
    if (inline) return inlineHops(stage, waitedMs, random);
    const draws = Math.max(1, Math.min(Math.round(stage.fan), MOST_DRAWN));
    return [waitedMs + Math.max(...Array.from({ length: draws }, () => took(stage, random)))];
  });
}

const took = ({ times, within }: Stage, random: Random): number =>
  times.reduce((sum, time) => sum + drawn(time, random), within ? 0 : drawn(ASSUMED.deliver, random));

/** The first is with what comes before it. Each is a handler and its write. */
function inlineHops({ times }: Stage, waitedMs: number, random: Random): number[] {
  const each = times.map((time) => drawn(time, random));
  const hops = [];
  for (let i = 2; i < each.length - 1; i += 2) hops.push((each[i] ?? 0) + (each[i + 1] ?? 0));
  const around = drawn(ASSUMED.deliver, random) + (each[0] ?? 0) + (each[1] ?? 0) + (each.at(-1) ?? 0);
  hops[0] = (hops[0] ?? 0) + waitedMs + around;
  return hops;
}

/** When as many were there, in steps, between two of them; Infinity: never. */
export function stepOf(curve: Float64Array, n: number): number {
  if ((curve.at(-1) ?? 0) < n) return Number.POSITIVE_INFINITY;
  let [low, high] = [0, curve.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((curve[middle] ?? 0) < n) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [curve[low - 1] ?? 0, curve[low] ?? 0];
  return after > before ? low - 1 + (n - before) / (after - before) : low;
}

const percentiles = (ms: number[]): Percentiles => {
  const sorted = ms.sort((a, b) => a - b);
  if (sorted.length === 0) return { p50: Number.NaN, p99: Number.NaN };
  return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
};
