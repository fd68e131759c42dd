/** Chance from a seed: the same names give the same number, whichever process asks and in whatever order. */
import { createHash } from "node:crypto";

/** From 0 to below 1. */
export function chanceOf(seed: number, ...names: readonly (string | number)[]): number {
  const digest = createHash("md5")
    .update(JSON.stringify([seed, ...names]))
    .digest();
  return digest.readUInt32LE() / 2 ** 32;
}

/** A row of numbers, each from 0 to below 1. */
export function chances(seed: number, ...names: readonly (string | number)[]): () => number {
  let n = 0;
  return () => chanceOf(seed, ...names, n++);
}
