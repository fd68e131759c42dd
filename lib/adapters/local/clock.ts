import type { Clock } from "../../ports/clock.ts";

/** The longest that a Node timer can be; a later one is set again when it fires. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  at(timeMs, call) {
    let timer: NodeJS.Timeout;
    const arm = () => {
      const left = timeMs - Date.now();
      timer = setTimeout(left > LONGEST_TIMER_MS ? arm : call, Math.min(LONGEST_TIMER_MS, Math.max(0, left)));
    };
    arm();
    return () => clearTimeout(timer);
  },
};
