/** Log-normal times. */
import type { Random } from "../../test/model/random.ts";
import type { Time } from "./workloads.ts";

/** The 99th percentile of a standard normal distribution. */
const Z99 = 2.3263;
const sigmaOf = ({ p50, p99 }: Time): number => Math.log(p99 / p50) / Z99;

export const meanOf = (time: Time): number => time.p50 * Math.exp(sigmaOf(time) ** 2 / 2);

export const drawn = (time: Time, random: Random): number => time.p50 * Math.exp(sigmaOf(time) * normal(random));

/** By Box and Muller. */
export const normal = (random: Random): number =>
  Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());

/** Arrivals in a time in which `mean` are to be expected: Knuth's way, and a normal distribution where they are many. */
export function poisson(mean: number, random: Random): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  const limit = Math.exp(-mean);
  let product = random.unit();
  let arrivals = 0;
  for (; product > limit; arrivals++) product *= random.unit();
  return arrivals;
}

/** @param sorted ascending, not empty */
export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number; // within it
