import { join, relative } from "node:path";
import { isPawlError } from "../errors.ts";
import { type OpenProject, openProject } from "../local/open-project.ts";
import { closeSoon } from "./close-soon.ts";
import { emptyFolder } from "./demo-folder.ts";
import { differencesOf, printReport, type Round, rowsOf } from "./demo-report.ts";
import { runSamples } from "./demo-run.ts";
import { loadSamples } from "./demo-samples.ts";
import { EXIT } from "./exit-code.ts";
import { interrupted } from "./interrupt.ts";
import { type Folders, payloadLimit } from "./options.ts";
import { bold, dim, write } from "./print.ts";
import { printError } from "./print-error.ts";
import { logLine, printEnded } from "./print-line.ts";
import { TOLD } from "./run-dev.ts";
import { type Served, serve } from "./serve.ts";

export interface DemoOptions {
  readonly exit?: boolean;
  readonly port?: number;
  readonly times: number;
}

export async function runDemo({ root, data }: Folders, { exit = false, port, times }: DemoOptions): Promise<number> {
  const folders = { root, data: join(data, "demo") };
  const end = interrupted();
  const rounds: Round[] = [];
  for (let n = 1; ; n++) {
    await emptyFolder(folders.data);
    const quiet = new Quiet();
    const open = await openProject({ root, folder: folders.data, ...payloadLimit(), ...quiet.told(), watch: !exit });
    let served: Served | undefined;
    try {
      const stays = n === times && !exit;
      if (stays) served = await serveSomewhere(open, folders.data, port);
      const samples = await loadSamples(open.project);
      write(printHeading(samples.length, { n, times, url: served?.url }));
      const round = await quiet.during(() => runSamples(open, samples, end));
      rounds.push(round);
      if (round.interrupted) return exit ? EXIT.failed : EXIT.done;
      if (n < times) continue;
      const differences = tellReport(rounds);
      if (stays) {
        write(printWhatNext(folders.data, round));
        open.engine.onEnded((header) => write(printEnded(header)));
        await end;
      }
      return differences === 0 ? EXIT.done : EXIT.failed;
    } finally {
      await (served ? served.close() : closeSoon(open, GRACE_MS));
    }
  }
}
const GRACE_MS = 1_000;

/** Unless a port is asked for, one that is taken is no reason not to begin. */
async function serveSomewhere(open: OpenProject, folder: string, port: number | undefined): Promise<Served> {
  try {
    return await serve(open, { folder, port });
  } catch (error) {
    if (port !== undefined || !isPawlError(error) || error.code !== "usage") throw error;
    return await serve(open, { folder, port: 0 });
  }
}

/** Nothing may be written between live lines: logs are dropped meanwhile, and errors are told after. */
class Quiet {
  #quiet = false;
  readonly #errors: unknown[] = [];

  told() {
    return {
      onLog: (line: Parameters<typeof logLine>[0]) => this.#quiet || logLine(line),
      onOutput: (line: string) => this.#quiet || process.stderr.write(`${line}\n`),
      onReload: (project: OpenProject["project"]) => this.#quiet || TOLD.onReload?.(project),
      onError: (error: unknown) => (this.#quiet ? void this.#errors.push(error) : this.#tell(error)),
    };
  }
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#quiet = true;
    try {
      return await work();
    } finally {
      this.#quiet = false;
      for (const error of this.#errors.splice(0)) this.#tell(error);
    }
  }
  #tell(error: unknown): void {
    process.stderr.write(printError(error));
  }
}

function printHeading(samples: number, at: { n: number; times: number; url: string | undefined }): string {
  const round = at.times > 1 ? ` (${at.n} of ${at.times})` : "";
  return `${samples} samples go in as events${round}${at.url === undefined ? "" : `; the engine answers at ${bold(at.url)}`}`;
}

/** How many executions did not end as their samples say. */
function tellReport(rounds: readonly Round[]): number {
  write(`\n${printReport(rowsOf(rounds))}\n`);
  const differences = rounds.flatMap(differencesOf);
  if (differences.length === 0) write("Every execution ended as its sample says.");
  else
    write(
      [`${differences.length} did not end as they should:`, ...differences.map((line) => `  - ${line}`)].join("\n"),
    );
  return differences.length;
}

function printWhatNext(data: string, { views }: Round): string {
  // Run from the source, it is in this repository, where `npx pawl` would need a build.
  const pawl = import.meta.url.endsWith(".ts") ? "npm run -s pawl --" : "npx pawl";
  const at = `--data ${relative(process.cwd(), data)}`;
  const one = views.findLast(({ status }) => status === "failed") ?? views[0];
  const workflow = one?.workflow ?? "";
  return [
    "",
    "The engine stays up, and takes in what you change in functions/. In another terminal:",
    `  ${pawl} list ${at}`,
    ...(one ? [`  ${pawl} show ${one.execution} ${at}`] : []),
    `  ${pawl} graph ${workflow}`.trimEnd(),
    `  ${pawl} --help`,
    dim("Ctrl-C stops"),
    "",
  ].join("\n");
}
