/** The chains as they move: on a terminal a live line per workflow, in a pipe plain lines now and then. */
import { MultiBar, type SingleBar } from "cli-progress";
import { write } from "./print.ts";

export interface Moving {
  readonly workflow: string;
  /** How many there will be at least. */
  readonly total: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface Progress {
  update(moving: readonly Moving[]): void;
  stop(): void;
}

export function showProgress(workflows: readonly string[]): Progress {
  return process.stdout.isTTY ? liveLines(workflows) : plainLines();
}

/** How often there is something new to show. */
export const progressEveryMs = (): number => (process.stdout.isTTY ? 100 : 200);

function liveLines(workflows: readonly string[]): Progress {
  const width = Math.max(...workflows.map((name) => name.length));
  const bars = new MultiBar({
    format: "{name}  {bar}  {value}/{total}   {running} running   {succeeded} succeeded   {failed} failed",
    stream: process.stdout,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    emptyOnZero: true,
    gracefulExit: false,
    linewrap: false,
  });
  const none = { running: 0, succeeded: 0, failed: 0 };
  const byName = new Map<string, SingleBar>(
    workflows.map((name) => [name, bars.create(0, 0, { name: name.padEnd(width), ...none })]),
  );
  return {
    update(moving) {
      for (const { workflow, total, running, succeeded, failed } of moving) {
        const bar = byName.get(workflow);
        bar?.setTotal(total);
        bar?.update(succeeded + failed, { running, succeeded, failed });
      }
      bars.update();
    },
    stop: () => bars.stop(),
  };
}

function plainLines(): Progress {
  const told = new Map<string, string>();
  return {
    update(moving) {
      for (const { workflow, total, running, succeeded, failed } of moving) {
        const line = `${workflow}: ${running} running, ${succeeded} succeeded, ${failed} failed, of ${total}`;
        if (told.get(workflow) !== line && running + succeeded + failed > 0) write(line);
        told.set(workflow, line);
      }
    },
    stop() {},
  };
}
