import type { Clock } from "../ports/clock.ts";

export const clock: Clock = {
  now: () => Date.now(),
  random: () => Math.random(),
  at: (timeMs, call) => {
    const timer = setTimeout(call, Math.max(0, timeMs - Date.now()));
    return () => clearTimeout(timer);
  },
};
