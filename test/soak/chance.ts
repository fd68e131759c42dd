/** Chance from a seed: the same names give the same number, whichever process asks and in whatever order. */

/** From 0 to below 1. */
export function chanceOf(seed: number, ...names: readonly (string | number)[]): number {
  let hash = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
  for (const name of names) for (const char of `${name} `) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193); // FNV-1a
  return (mixed(hash) >>> 0) / 2 ** 32;
}

/** MurmurHash3's end: FNV alone leaves numbers of similar names close together. */
function mixed(hash: number): number {
  const a = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
  return b ^ (b >>> 16);
}

/** A row of numbers, each from 0 to below 1. */
export function chances(seed: number, ...names: readonly (string | number)[]): () => number {
  let n = 0;
  return () => chanceOf(seed, ...names, n++);
}
