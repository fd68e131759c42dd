import { resolve } from "node:path";
import { isPawlError } from "../errors.ts";
import { type OpenProject, type OpenProjectOptions, openProject } from "../local/open-project.ts";
import { watchProject } from "../local/watch-project.ts";
import type { Project } from "../project/load-project.ts";
import { interrupted } from "./interrupt.ts";
import { callbackUrl, type Folders, payloadLimit, s3Folder } from "./options.ts";
import { bold, dim, write } from "./print.ts";
import { printError } from "./print-error.ts";
import { logLine, printClock, printEnded } from "./print-line.ts";
import { printSchedule } from "./print-schedule.ts";
import { serve } from "./serve.ts";

export async function runDev(folders: Folders, port: number | undefined): Promise<void> {
  const end = interrupted();
  const open = await openWhenItLoads(folders, end);
  if (!open) return;
  const served = await serve(open, { folder: folders.data, port }).catch(async (error: unknown) => {
    await open.close();
    throw error;
  });
  open.engine.onEnded((header) => write(printEnded(header)));
  write(printWelcome(served.url, folders.data, open.project));
  await end;
  write(dim("stopping, once the attempts under way are done; Ctrl-C again ends them"));
  await served.close();
}

/** Reloads and mistakes, as lines. */
export const TOLD: Pick<OpenProjectOptions, "watch" | "onReload" | "onError" | "onLog"> = {
  watch: true,
  onReload: ({ workflows }) => write(`${dim(printClock(Date.now()))} reloaded: ${namesOf(workflows)}`),
  onError: (error) => process.stderr.write(printError(error)),
  onLog: logLine,
};

/** What a change of the project's files can mend. */
const MISTAKES: ReadonlySet<string> = new Set([
  "build_failed",
  "invalid_workflow",
  "handlers_mismatch",
  "invalid_handler",
]);

/** Undefined: it was interrupted before the mistakes were mended. */
async function openWhenItLoads({ root, data }: Folders, end: Promise<void>): Promise<OpenProject | undefined> {
  for (;;) {
    let tell = () => {};
    const changed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    // Watched before it is loaded: a change in between is not missed.
    const unwatch = await watchProject({ root, folder: data }, tell);
    try {
      return await openProject({ root, folder: data, ...payloadLimit(), ...callbackUrl(), ...s3Folder(), ...TOLD });
    } catch (error) {
      if (!isPawlError(error) || !MISTAKES.has(error.code)) throw error;
      process.stderr.write(printError(error));
      write(dim(`watching ${resolve(root, "functions")} for the change that mends it; Ctrl-C stops`));
      const next = await Promise.race([changed.then(() => "changed" as const), end]);
      if (next !== "changed") return undefined;
    } finally {
      await unwatch();
    }
  }
}

function printWelcome(url: string, data: string, { workflows }: Project): string {
  const width = Math.max(...workflows.map(({ program }) => program.graph.workflow.length));
  const lines = workflows.map(({ program: { graph } }) => {
    const { trigger, schedule } = graph;
    const started = schedule ? printSchedule(schedule) : `pawl start ${graph.workflow}`;
    const by = trigger ? `${trigger.event.source} ${trigger.event.type}` : started;
    return `  ${graph.workflow.padEnd(width)}  ${dim("started by")} ${by}`;
  });
  return [
    `${bold(url)}  ${dim(`data in ${data}`)}`,
    ...lines,
    dim("each execution that ends is a line; Ctrl-C stops"),
  ].join("\n");
}

const namesOf = (workflows: Project["workflows"]): string =>
  workflows.map(({ program }) => program.graph.workflow).join(", ");
