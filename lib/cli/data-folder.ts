/** What a data folder holds, looked at while no engine runs on it: nothing is started and nothing goes on. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { LocalStore } from "../adapters/local/store.ts";
import { SingleProcessStepLog } from "../adapters/single-process/step-log.ts";
import type { ExecutionPage, ListQuery } from "../client/index.ts";
import { type ExecutionName, printExecution } from "../contract/ids.ts";
import { type ExecutionView, inspect } from "../engine/inspect.ts";
import { PawlError } from "../errors.ts";
import { printPage } from "../local/http-api.ts";

/** @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable` */
export async function readDataFolder<T>(folder: string, read: (log: SingleProcessStepLog) => Promise<T>): Promise<T> {
  // Opening it would make one, and then `list` in the wrong place would leave a folder behind.
  if (!existsSync(join(folder, "pawl.db")))
    throw new PawlError(
      "engine_not_running",
      `there is no data folder ${folder} and no engine runs on it: start one with \`pawl dev\`, or name another with --data`,
      { folder },
    );
  const store = new LocalStore(folder);
  try {
    return await read(new SingleProcessStepLog(store));
  } finally {
    store.close();
  }
}
