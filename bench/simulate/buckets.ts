/** Capacity that comes back with time. */

/** Tokens that come back by so many a second, up to a most: what was not taken is not kept beyond it. */
export class TokenBucket {
  readonly perSecond: number;
  readonly most: number;
  #left: number;

  /** @param most default: of one second */
  constructor(perSecond: number, most = perSecond) {
    this.perSecond = perSecond;
    this.most = most;
    this.#left = most;
  }

  get left(): number {
    return this.#left;
  }

  refill(seconds: number): void {
    this.#left = Math.min(this.most, this.#left + this.perSecond * seconds);
  }

  /** The share of what is wanted that may be had, from 0 to 1. */
  shareOf(wanted: number): number {
    return wanted <= this.#left ? 1 : Math.max(0, this.#left) / wanted;
  }

  take(tokens: number): void {
    this.#left -= tokens;
  }
}

/** How many batches of one queue may be at work: more by so many a second while messages wait, up to a most. */
export class Pollers {
  readonly most: number;
  readonly #perSecond: number;
  #now: number;

  constructor({
    first,
    perMinute,
    most,
  }: { readonly first: number; readonly perMinute: number; readonly most: number }) {
    this.most = most;
    this.#perSecond = perMinute / 60;
    this.#now = Math.min(first, most);
  }

  /** Whole ones. */
  get now(): number {
    return Math.floor(this.#now + 1e-9);
  }

  grow(seconds: number): void {
    this.#now = Math.min(this.most, this.#now + this.#perSecond * seconds);
  }
}
