/** What a data folder holds, looked at while no engine runs on it: nothing is started and nothing goes on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalStore } from "../adapters/local/store.ts";
import { SingleProcessStepLog } from "../adapters/single-process/step-log.ts";
import type { Client, ExecutionSummary } from "../client/index.ts";
import { printExecution } from "../contract/ids.ts";
import { inspect } from "../engine/inspect.ts";
import { PawlError } from "../errors.ts";
import type { Header } from "../kernel/record.ts";
import type { StepLog } from "../ports/step-log.ts";
import { findEngine } from "./find-engine.ts";
import { waitUntilFree } from "./wait-until-free.ts";

/** What `list` and `show` need: a running engine's client has it, and so has a data folder at rest. */
export interface View extends Pick<Client, "show"> {
  list(query: ViewQuery): Promise<ViewPage>;
}
export interface ViewQuery {
  readonly workflow?: string;
  readonly status?: Header["status"];
  readonly limit: number;
}
export interface ViewPage {
  readonly executions: readonly ExecutionSummary[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

/** @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable`, `engine_not_running` */
export function viewDataFolder<T>(folder: string, read: (view: View) => Promise<T>): Promise<T> {
  return waitUntilFree(() => viewNow(folder, read));
}

async function viewNow<T>(folder: string, read: (view: View) => Promise<T>): Promise<T> {
  const running = await findEngine(folder);
  if (running) return read(viewOf(running));
  // Opening it would make one: a `list` in the wrong place would leave a folder behind.
  if (!existsSync(join(folder, "pawl.db")))
    throw new PawlError(
      "engine_not_running",
      `there is no data folder ${folder}, and no engine runs on it: start one with \`pawl dev\`, or name another with --data`,
      { folder },
    );
  const store = new LocalStore(folder);
  try {
    return await read(viewOfLog(new SingleProcessStepLog(store)));
  } finally {
    store.close();
  }
}

const viewOf = (engine: Client): View => ({
  show: engine.show,
  async list(query) {
    const { executions, next } = await engine.list(query);
    return { executions, more: next !== null };
  },
});

const viewOfLog = (log: StepLog): View => ({
  async show(workflow, id) {
    const name = { workflow: typeof workflow === "string" ? workflow : workflow.name, id };
    const execution = printExecution(name);
    const header = await log.header(name);
    if (!header) throw new PawlError("unknown_execution", `there is no execution ${execution}`, { execution });
    return inspect(header, await log.list(name), await log.graph(header.graph));
  },
  async list({ limit, ...query }) {
    const headers = await log.executions({ ...query, limit: limit + 1 });
    return { executions: headers.slice(0, limit).map(summaryOf), more: headers.length > limit };
  },
});

const summaryOf = (header: Header): ExecutionSummary => ({
  execution: printExecution(header),
  workflow: header.workflow,
  status: header.status,
  error: header.error ?? null,
  startedAt: new Date(header.startedAtMs).toISOString(),
  endedAt: header.endedAtMs === undefined ? null : new Date(header.endedAtMs).toISOString(),
});
