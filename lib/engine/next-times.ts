/** When a schedule is due. */
import { Cron } from "croner";
import type { Schedule } from "../model/schedule.ts";

/** The first time after this one, in milliseconds; undefined: there is none any more. */
export function nextTime({ cron, rateMs, timeZone }: Schedule, afterMs: number): number | undefined {
  if (rateMs !== undefined) return (Math.floor(afterMs / rateMs) + 1) * rateMs;
  if (cron === undefined) return undefined;
  const times = new Cron(cron, { timezone: timeZone, mode: "5-part", paused: true });
  // What a change of clocks leaves out comes later instead, and is not among the times then.
  for (let next = times.nextRun(new Date(afterMs)); next; next = times.nextRun(next))
    if (times.match(next)) return next.getTime();
  return undefined;
}

/** As an execution's id and its input have it. */
export const printTick = (timeMs: number): string => `${new Date(timeMs).toISOString().slice(0, 19)}Z`;

/** At most so many, after this one. */
export function nextTimes(schedule: Schedule, afterMs: number, most: number): readonly number[] {
  const times: number[] = [];
  for (let next = nextTime(schedule, afterMs); next !== undefined; next = nextTime(schedule, next))
    if (times.push(next) === most) break;
  return times;
}
