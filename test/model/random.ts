/** Chance from a seed: the same seed, the same run. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) | 0;
    for (let i = 0; i < 4; i++) this.unit(); // neighbouring seeds begin alike
  }

  /** From 0 to below 1. */
  unit(): number {
    // xorshift32 (Marsaglia 2003) with a multiplied output; its state is never 0
    let x = this.#state || 0x6a09e667;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    const mixed = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
    return ((mixed ^ (mixed >>> 12)) >>> 0) / 2 ** 32;
  }
  chance(probability: number): boolean {
    return this.unit() < probability;
  }
  /** From 0 to below `n`. */
  below(n: number): number {
    return Math.floor(this.unit() * n);
  }
  /** @param list not empty */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T; // below its length
  }
  shuffled<T>(list: readonly T[]): T[] {
    const keyed = list.map((it) => ({ it, key: this.unit() }));
    return keyed.sort((a, b) => a.key - b.key).map(({ it }) => it);
  }
}
