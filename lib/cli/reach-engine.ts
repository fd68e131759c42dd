/**
 * The engine that a command works with: the one that runs on the data folder, or, for a command that waits, one of its
 * own until it is done.
 */
import type { Client, Result } from "../client/index.ts";
import { parseEvent } from "../contract/event-detail.ts";
import { PawlError } from "../errors.ts";
import { openProject } from "../local/open-project.ts";
import { closeSoon } from "./close-soon.ts";
import { findEngine } from "./find-engine.ts";
import { once, onInterrupt } from "./interrupt.ts";
import { callbackUrl, type Folders, payloadLimit, s3Folder } from "./options.ts";
import { logLine } from "./print-line.ts";
import { overClient, type ReachedEngine, type ReachOptions } from "./reached-engine.ts";
import { waitUntilFree } from "./wait-until-free.ts";

/** @throws PawlError `engine_not_running` when none runs and `wait` is false, and what opening a project throws */
export function reachEngine(folders: Folders, options: ReachOptions): Promise<ReachedEngine> {
  return waitUntilFree(() => reachNow(folders, options));
}

async function reachNow(folders: Folders, options: ReachOptions): Promise<ReachedEngine> {
  const running = await findEngine(folders.data);
  if (running) return overClient(running);
  if (options.wait) return ownEngine(folders, options);
  throw notRunning(folders, options.canWait);
}

function notRunning({ data }: Folders, canWait = true): PawlError {
  const or = canWait ? ", or add --wait to run one until it is done" : "";
  const what = `no engine runs on the data folder ${data}: start one with \`pawl dev\`${or}`;
  return new PawlError("engine_not_running", what, { folder: data });
}

/** @throws PawlError `engine_not_running` */
export function runningEngine(folders: Folders): Promise<Client> {
  return waitUntilFree(async () => {
    const running = await findEngine(folders.data);
    if (running) return running;
    throw notRunning(folders, false);
  });
}

/** A command that has its answer does not wait for what else the engine has begun. */
const GRACE_MS = 1_000;

async function ownEngine({ root, data }: Folders, { json }: ReachOptions): Promise<ReachedEngine> {
  const open = await openProject({
    root,
    folder: data,
    ...payloadLimit(),
    ...s3Folder(),
    ...callbackUrl(),
    ...(!json && { onLog: logLine }),
  });
  const { engine } = open;
  const closeOnce = once(() => closeSoon(open, GRACE_MS));
  const release = onInterrupt(closeOnce);
  return {
    start: (workflow, of) => engine.start(workflow, of),
    sendEvent: (event) => engine.sendEvent(parseEvent(event)),
    async result(execution, timeoutMs) {
      const ended = await engine.result(execution, timeoutMs === undefined ? {} : { timeoutMs });
      const { output = null, error = null } = ended;
      return { execution: ended.execution, status: ended.status, output, error } as Result;
    },
    ask: (execution, request) => engine.ask(execution, request),
    async close() {
      await closeOnce();
      release();
    },
  };
}
