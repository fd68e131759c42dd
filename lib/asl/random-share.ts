/** Numbers from 0 to below 1. */
import { randomInt } from "node:crypto";

export const anyShare = (): number => randomInt(2 ** 47) / 2 ** 47;

/** Its seed decides it: the generator of Java's `Random`, which AWS's services run on. */
export function seededShare(seed: number): number {
  const mask = (1n << 48n) - 1n;
  let state = (BigInt(Math.round(seed)) ^ 0x5deece66dn) & mask;
  const next = (bits: bigint): bigint => {
    state = (state * 0x5deece66dn + 0xbn) & mask;
    return state >> (48n - bits);
  };
  return Number((next(26n) << 27n) + next(27n)) / 2 ** 53;
}
