/** How far something has come that is counted: on a terminal a live line, in a pipe a line now and then. */
import { SingleBar } from "cli-progress";
import type { ControlProgress } from "../client/index.ts";

export interface CountProgress {
  readonly update: (progress: ControlProgress) => void;
  /** May be called twice. */
  stop(): void;
}

/** On standard error: standard output is the command's own. */
export const showCount = (): CountProgress => (process.stderr.isTTY ? liveLine() : plainLines());

function liveLine(): CountProgress {
  const bar = new SingleBar({
    format: "{bar}  {value}/{total}   {failed} refused",
    stream: process.stderr,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    clearOnComplete: true,
    hideCursor: true,
    gracefulExit: false,
  });
  let started = false;
  return {
    update({ done, of, failed }) {
      if (!started && of > 0) bar.start(of, done, { failed });
      else if (started) bar.update(done, { failed });
      started ||= of > 0;
    },
    stop() {
      if (started) bar.stop();
      started = false;
    },
  };
}

const EVERY = 200;

function plainLines(): CountProgress {
  return {
    update({ done, of }) {
      if (done > 0 && done % EVERY === 0) process.stderr.write(`${done} of ${of} so far\n`);
    },
    stop() {},
  };
}
