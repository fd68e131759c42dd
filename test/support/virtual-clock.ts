import { VirtualClock as Clock } from "../../lib/testing/virtual-clock.ts";

/** Time that only a test moves, together with what follows from it. */
export class VirtualClock extends Clock {
  /** Moves to the next alarm and rings it; false when there is none up to `untilMs`. */
  ringNext(untilMs = Number.POSITIVE_INFINITY): boolean {
    const next = this.next();
    if (next === undefined || next > untilMs) return false;
    this.moveTo(next);
    return true;
  }

  /** Moves on by so much, and lets what follows from each alarm happen before the next. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.now() + ms;
    await turn();
    while (this.ringNext(untilMs)) await turn();
    this.moveTo(untilMs);
    await turn();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(this.now() + ms, resolve));
  }
}

/** One turn of the event loop: every promise that could go on has gone on. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
