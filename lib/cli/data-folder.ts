/** What a data folder holds, looked at while no engine runs on it: nothing is started and nothing goes on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalStore } from "../adapters/local/store.ts";
import { SingleProcessStepLog } from "../adapters/single-process/step-log.ts";
import { call } from "../client/http.ts";
import { client } from "../client/index.ts";
import { viewExecution, viewExecutions } from "../client/log-view.ts";
import { nameOf } from "../client/wait.ts";
import type { Item } from "../contract/item-size.ts";
import { PawlError } from "../errors.ts";
import { readEngineFile } from "../local/engine-file.ts";
import { listedBy } from "../local/http-requests.ts";
import type { Graph } from "../model/graph.ts";
import { hashOf } from "../model/program.ts";
import type { DeadLetter } from "../ports/transport.ts";
import { newestLetters, type View, viewOf } from "./view.ts";
import { waitUntilFree } from "./wait-until-free.ts";

/** @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable`, `engine_not_running` */
export function viewDataFolder<T>(folder: string, read: (view: FolderView) => Promise<T>): Promise<T> {
  return waitUntilFree(() => viewNow(folder, read));
}

async function viewNow<T>(folder: string, read: (view: FolderView) => Promise<T>): Promise<T> {
  const running = await readEngineFile(folder);
  if (running) return read(viewOfEngine(running.url));
  // Opening it would make one: a `list` in the wrong place would leave a folder behind.
  if (!existsSync(join(folder, "pawl.db")))
    throw new PawlError(
      "engine_not_running",
      `there is no data folder ${folder}, and no engine runs on it: start one with \`pawl dev\`, or name another with --data`,
      { folder },
    );
  const store = new LocalStore(folder);
  try {
    return await read(viewOfStore(store));
  } finally {
    store.close();
  }
}

/** A data folder holds the items of the user's tables as well. */
export interface FolderView extends View {
  items(table: string): Promise<readonly Item[]>;
}

const viewOfEngine = (url: string): FolderView => ({
  ...viewOf(client({ url })),
  /** It tells its newest graphs alone. */
  async graph(workflow, hash) {
    const { body } = await call(url, { path: "/api/graphs" });
    const graph = (body as { readonly workflows: Readonly<Record<string, Graph>> }).workflows[workflow];
    return graph && hashOf(graph) === hash ? graph : undefined;
  },
  async deadLetters(query) {
    const { body } = await call(url, { path: "/api/dead-letters" });
    return newestLetters((body as { readonly deadLetters: readonly DeadLetter[] }).deadLetters, query);
  },
  async items(table) {
    const { body } = await call(url, { path: `/api/tables/${encodeURIComponent(table)}/items` });
    return (body as { readonly items: readonly Item[] }).items;
  },
});

function viewOfStore(store: LocalStore): FolderView {
  const log = new SingleProcessStepLog(store);
  return {
    graph: (_, hash) => log.graph(hash),
    show: (workflow, id) => viewExecution(log, { workflow: nameOf(workflow), id }),
    async list(query) {
      const { executions, last } = await viewExecutions(log, listedBy(query));
      return { executions, more: last !== undefined };
    },
    deadLetters: async (query) => newestLetters(store.deadLetters(), query),
    items: async (table) => store.items(table),
  };
}
