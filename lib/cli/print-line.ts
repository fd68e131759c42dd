/** What an engine that runs in the terminal says: a line for each thing that happened. */
import { printExecution } from "../contract/ids.ts";
import type { Header } from "../kernel/record.ts";
import type { LogLine } from "../node/run-attempt.ts";
import { bold, dim, printDuration, printFailure, printStatus } from "./print.ts";

/** `12:30:01 order/1042 failed in 12 ms  OutOfStock at reserve: …` */
export function printEnded(header: Header): string {
  const { status, error, startedAtMs, endedAtMs = startedAtMs } = header;
  const took = dim(`in ${printDuration(endedAtMs - startedAtMs)}`);
  const why = error ? `  ${printFailure(error)}` : "";
  return `${dim(printClock(endedAtMs))} ${bold(printExecution(header))} ${printStatus(status)} ${took}${why}`;
}

export const printClock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

/** A line of `step.log`, to standard error: standard output is the command's own. */
export const logLine: LogLine = ({ step, message, data }) => {
  const more = data === undefined ? "" : ` ${JSON.stringify(data)}`;
  process.stderr.write(`${dim(`${step.execution} ${step.path}:`, process.stderr)} ${message}${more}\n`);
};
