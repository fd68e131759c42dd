import type { Clock } from "../ports/clock.ts";

/** The longest that a Node timer can be; a later one is set again when it fires. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

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
