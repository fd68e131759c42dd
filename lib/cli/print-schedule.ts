import type { Schedule } from "../model/schedule.ts";
import { printDuration } from "./print.ts";

/** `0 9 * * MON,TUE Europe/Berlin, up to 2 m 00 s later`. */
export function printSchedule({ cron, rateMs = 0, timeZone, jitterMs, overlap }: Schedule): string {
  const when = cron === undefined ? `every ${printDuration(rateMs)}` : `${cron} ${timeZone}`;
  const jitter = jitterMs === 0 ? "" : `, up to ${printDuration(jitterMs)} later`;
  return `${when}${jitter}${overlap ? ", also while one runs" : ""}`;
}
