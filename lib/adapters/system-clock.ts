import type { Clock } from "../ports/clock.ts";

/**
 * A timer of Node's stands still while the machine sleeps, knows nothing of a clock that is set, and rings at once when
 * it is longer than 2^31 - 1 ms ("Timers", setTimeout). So the time is looked at again each minute.
 */
const LONGEST_TIMER_MS = 60_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  at(timeMs, call) {
    let timer: NodeJS.Timeout;
    // Node's timers may ring a millisecond before `Date.now()` says so.
    const ring = () => (Date.now() < timeMs ? arm() : call());
    const arm = () => {
      timer = setTimeout(ring, Math.min(LONGEST_TIMER_MS, Math.max(0, timeMs - Date.now())));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
