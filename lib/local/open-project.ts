/** A project's folder with an engine on it: its workflows loaded, its handlers in a child process. */
import { dirname, join, resolve } from "node:path";
import { messageOf } from "../errors.ts";
import type { LogLine } from "../node/run-attempt.ts";
import { pruneBundles } from "../project/bundle.ts";
import { loadProject, type Project } from "../project/load-project.ts";
import { readTables } from "../project/tables.ts";
import { ChildHandlers } from "./handler-process.ts";
import { LocalCallbacks } from "./local-callbacks.ts";
import { type EmbeddedEngine, openEngineOn } from "./open-engine.ts";
import { watchProject } from "./watch-project.ts";

export interface OpenProjectOptions {
  /** Default: the working directory. */
  readonly root?: string;
  /** The data folder. Default `.pawl` in the root. */
  readonly folder?: string;
  /** The largest value that an execution carries, in MiB of JSON, from 1 to 256. Default 32. */
  readonly payloadLimitMiB?: number;
  /** A folder that stands for Amazon S3, where state machines read items from there: each folder in it is a bucket. */
  readonly s3?: string;
  /** What callbacks are reached by from outside: a tunnel or a proxy to this machine. Default: where the HTTP API listens. */
  readonly callbackUrl?: string;
  /** Takes changes of the project's files in while it runs. */
  readonly watch?: boolean;
  /** Told of each change that was taken in. */
  readonly onReload?: (project: Project) => void;
  /** Told of a change that could not be, and of what went wrong inside the engine. Default: a line on standard error. */
  readonly onError?: (error: unknown) => void;
  /** Lines of `step.log`. Default: JSON lines on standard error. */
  readonly onLog?: LogLine;
  /** Lines that handlers print. Default: to standard error. */
  readonly onOutput?: (line: string) => void;
}

export interface OpenProject {
  readonly engine: EmbeddedEngine;
  readonly handlers: ChildHandlers;
  /** What was loaded last. */
  readonly project: Project;
  /** Ends the watching, and then the engine with its children. */
  close(): Promise<void>;
}

/**
 * Loads a project, and goes on with what its data folder has unfinished.
 *
 * @throws PawlError what `loadProject` throws, `invalid_handler` when a handler's file cannot be loaded, and
 *   `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable`, `usage` for a payload limit that is none
 */
export async function openProject(options: OpenProjectOptions = {}): Promise<OpenProject> {
  const {
    onReload = () => {},
    onError = errorLine,
    onLog = logLine,
    onOutput,
    payloadLimitMiB,
    callbackUrl,
    s3,
  } = options;
  const root = resolve(options.root ?? ".");
  const place = { root, folder: resolve(options.folder ?? join(root, ".pawl")) };
  const tables = readTables(root);
  let project = await loadProject(place);
  const callbacks = new LocalCallbacks(place.folder, callbackUrl);
  const { handOut } = callbacks;
  const handlers = new ChildHandlers({ onLog, handOut, ...(onOutput && { onOutput }) });
  const engine = openEngineOn(handlers, {
    folder: place.folder,
    onError,
    tables,
    callbacks,
    ...(payloadLimitMiB !== undefined && { payloadLimitMiB }),
    ...(s3 !== undefined && { s3 }),
  });
  try {
    await takeIn(project, handlers, engine, {});
  } catch (error) {
    await engine.stop();
    throw error;
  }

  // A workflow whose folder went away keeps its last code, for the executions that it still has.
  const files = filesOf(project);
  const prune = () => pruneBundles(join(place.folder, "build"), Object.values(files).map(dirname));
  await prune();
  const reload = async (): Promise<void> => {
    const newer = await loadProject(place);
    if (JSON.stringify(hashes(newer)) === JSON.stringify(hashes(project))) return;
    await takeIn(newer, handlers, engine, files);
    project = newer;
    Object.assign(files, filesOf(newer));
    await prune();
    onReload(newer);
  };
  const watching = options.watch ? await watchAndReload(place, reload, onError) : undefined;
  return {
    engine,
    handlers,
    get project() {
      return project;
    },
    async close() {
      await watching?.();
      await engine.stop();
    },
  };
}

type Files = Readonly<Record<string, string>>;
const filesOf = ({ workflows }: Project): Record<string, string> =>
  Object.fromEntries(workflows.map(({ program, handlersEntry }) => [program.graph.workflow, handlersEntry]));
const hashes = ({ workflows }: Project) => workflows.map(({ folder, hash }) => [folder, hash]);

/** Handlers first: a new graph may have nodes that the old code has no handler of. */
async function takeIn(project: Project, handlers: ChildHandlers, engine: EmbeddedEngine, before: Files): Promise<void> {
  await handlers.replace({ ...before, ...filesOf(project) });
  await engine.add(...project.workflows.map(({ program }) => program));
}

/** One reload at a time; changes that come meanwhile are taken in by one more after it. */
async function watchAndReload(
  place: { readonly root: string; readonly folder: string },
  reload: () => Promise<void>,
  onError: (error: unknown) => void,
): Promise<() => Promise<void>> {
  let closed = false;
  let again = false;
  let working: Promise<void> | undefined;
  const work = async () => {
    do {
      again = false;
      await reload().catch((error: unknown) => {
        if (!closed) onError(error);
      });
    } while (again && !closed);
    working = undefined;
  };
  const unwatch = await watchProject(place, () => {
    again = true;
    working ??= work();
  });
  return async () => {
    closed = true;
    await unwatch();
    await working;
  };
}

const logLine: LogLine = ({ step, message, data }) => {
  process.stderr.write(`${JSON.stringify({ ...step, message, ...(data !== undefined && { data }) })}\n`);
};
const errorLine = (error: unknown): void => {
  process.stderr.write(`pawl: ${messageOf(error)}\n`);
};
