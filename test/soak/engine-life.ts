/** One process of the engine's, seen from the supervisor. */
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Progress } from "./engine-child.ts";
import { environmentOf, type Life } from "./life.ts";

const CHILD_FILE = fileURLToPath(new URL("./engine-child.ts", import.meta.url));

/** A process may take so long until it tells anything, where many others are at work. */
const BIRTH_MS = 5 * 60_000;

/** `stuck`: nothing was accepted and nothing ended for so long that it never will. */
export type End = "done" | "killed" | "stuck";

export interface EngineLifeOptions {
  readonly life: Life;
  readonly stuckMs: number;
  readonly onProgress: (progress: Progress, kill: (delayMs: number) => void) => void;
  /** Killed so long after its birth, whatever it does then. */
  readonly killAfterMs?: number;
}

/** @throws Error when it ends by itself before all is done */
export async function runLife(options: EngineLifeOptions): Promise<End> {
  const { life, stuckMs, onProgress, killAfterMs } = options;
  const child = fork(CHILD_FILE, { env: environmentOf(life), stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const orphan = () => void child.kill("SIGKILL");
  process.once("exit", orphan);
  let end: End | undefined;
  const kill = (as: End) => {
    end ??= as;
    child.kill("SIGKILL");
  };
  const timers = new Set<NodeJS.Timeout>();
  const killIn = (delayMs: number) => void timers.add(setTimeout(kill, delayMs, "killed"));
  if (killAfterMs !== undefined) killIn(killAfterMs);
  const watch = stuckWatch(stuckMs, () => kill("stuck"));
  child.on("message", (progress: Progress) => {
    if (progress.done) end ??= "done";
    watch.saw(progress.accepted + progress.ended);
    onProgress(progress, killIn);
  });
  const { code, signal } = await exitOf(child);
  watch.stop();
  for (const timer of timers) clearTimeout(timer);
  process.off("exit", orphan);
  if (end === undefined || (end === "done" && code !== 0))
    throw new Error(`the engine of life ${life.number} ended by itself: ${signal ?? `code ${code}`}`);
  return end;
}

function stuckWatch(stuckMs: number, onStuck: () => void) {
  let last = -1;
  let timer = setTimeout(onStuck, Math.max(stuckMs, BIRTH_MS));
  return {
    saw: (moved: number) => {
      if (moved === last) return;
      last = moved;
      clearTimeout(timer);
      timer = setTimeout(onStuck, stuckMs);
    },
    stop: () => clearTimeout(timer),
  };
}

function exitOf(child: ChildProcess): Promise<{ readonly code: number | null; readonly signal: string | null }> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
}
