import type { Clock } from "../ports/clock.ts";

interface Alarm {
  readonly timeMs: number;
  readonly call: () => void;
}

/** Time that passes only when told to. Alarms ring in the order of their times. */
export class VirtualClock implements Clock {
  #nowMs: number;
  #seed: number;
  readonly #alarms = new Set<Alarm>();

  /** @param seed of the chance that `random` gives: the same seed, the same numbers */
  constructor(nowMs = Date.UTC(2026, 0, 1), seed = 1) {
    this.#nowMs = nowMs;
    this.#seed = seed;
  }

  now(): number {
    return this.#nowMs;
  }
  at(timeMs: number, call: () => void): () => void {
    const alarm = { timeMs, call };
    this.#alarms.add(alarm);
    return () => this.#alarms.delete(alarm);
  }
  /** mulberry32 */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  /** The time of the next alarm. */
  next(): number | undefined {
    let first: number | undefined;
    for (const { timeMs } of this.#alarms) if (first === undefined || timeMs < first) first = timeMs;
    return first;
  }
  /** Moves on to this time and rings what is due. */
  moveTo(timeMs: number): void {
    for (;;) {
      const due = [...this.#alarms].filter((a) => a.timeMs <= timeMs).sort((a, b) => a.timeMs - b.timeMs)[0];
      if (!due) break;
      this.#alarms.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.timeMs);
      due.call();
    }
    this.#nowMs = Math.max(this.#nowMs, timeMs);
  }
}
