/** Time and chance, so that tests can have their own. */
export interface Clock {
  now(): number;
  /** Calls back once, no sooner than the time given; the result cancels it. */
  at(timeMs: number, call: () => void): () => void;
  /** From 0 to below 1. */
  random(): number;
}
