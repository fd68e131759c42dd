/** How far a soak is, on standard error: on a terminal a line that changes, else a line now and then. */
import { SingleBar } from "cli-progress";

export interface Shown {
  readonly accepted: number;
  readonly ended: number;
  readonly rssMiB: number;
  readonly crashes: number;
}
const EVERY_MS = 10_000;

export function showProgress(total: number): { readonly update: (shown: Shown) => void; readonly stop: () => void } {
  return process.stderr.isTTY ? liveLine(total) : plainLines(total);
}

function liveLine(total: number) {
  const bar = new SingleBar({
    format: "{bar}  {value}/{total} ended   {crashes} kills   {rss} MiB",
    stream: process.stderr,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
  });
  bar.start(total, 0, { crashes: 0, rss: 0 });
  return {
    update: ({ ended, crashes, rssMiB }: Shown) => bar.update(ended, { crashes, rss: Math.round(rssMiB) }),
    stop: () => bar.stop(),
  };
}

function plainLines(total: number) {
  let toldMs = performance.now();
  return {
    update: ({ ended, crashes, rssMiB }: Shown) => {
      if (performance.now() < toldMs + EVERY_MS) return;
      toldMs = performance.now();
      process.stderr.write(`${ended} of ${total} ended, ${crashes} kills, ${Math.round(rssMiB)} MiB\n`);
    },
    stop: () => {},
  };
}
