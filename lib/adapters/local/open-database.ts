/** Opens the data folder's file, or says why it cannot be. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { messageOf, PawlError } from "../../errors.ts";
import { connect } from "./connect.ts";
import { SCHEMA } from "./schema.ts";

export interface OpenDatabase {
  readonly file: string;
  readonly db: DatabaseSync;
  /** Gives the folder back. */
  readonly unlock: () => void;
}

/** @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable` */
export function openDatabase(folder: string): OpenDatabase {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new PawlError(
      "data_folder_unwritable",
      `the data folder ${folder} cannot be made: ${messageOf(error)}`,
      { folder },
      error,
    );
  }
  const file = join(folder, "pawl.db");
  let lock: DatabaseSync | undefined;
  let db: DatabaseSync | undefined;
  try {
    lock = lockFile(join(folder, "pawl.lock"));
    if (existsSync(file) && statSync(file).size <= MOST_BYTES_CHECKED) checkWhole(file);
    db = connect(file);
    db.exec("begin immediate");
    db.exec(SCHEMA);
    db.exec("commit");
    const held = lock;
    return { file, db, unlock: () => held.close() };
  } catch (error) {
    db?.close();
    lock?.close();
    throw openFailed(folder, file, error);
  }
}

/** SQLite's lock on an empty file of its own: it goes with the process, however that ends. */
function lockFile(file: string): DatabaseSync {
  const lock = new DatabaseSync(file);
  try {
    lock.exec("pragma journal_mode=memory; pragma locking_mode=exclusive; begin exclusive");
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** Read-only: one that was opened to be written folds its log into the file when it is closed, damaged or not. */
function checkWhole(file: string): void {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    const check = db.prepare("pragma quick_check(1)").get();
    if (check?.quick_check !== "ok") throw new Error(String(check?.quick_check));
  } finally {
    db.close();
  }
}

/** A larger file takes longer to check than a start may; damage there is told when it is met. */
const MOST_BYTES_CHECKED = 256 * 1024 * 1024;

/** https://www.sqlite.org/rescode.html */
const BUSY = new Set([5, 6]);
const UNWRITABLE = new Set([8, 10, 13, 14, 23]);

function openFailed(folder: string, file: string, error: unknown): PawlError {
  const code = (error as { errcode?: number }).errcode ?? 0;
  const why = messageOf(error);
  if (BUSY.has(code & 0xff))
    return new PawlError(
      "data_folder_in_use",
      `the data folder ${folder} is held by another process: talk to that one, stop it, or use another --data`,
      { folder },
      error,
    );
  if (UNWRITABLE.has(code & 0xff))
    return new PawlError(
      "data_folder_unwritable",
      `the data folder ${folder} cannot be written: ${why}`,
      { folder },
      error,
    );
  return new PawlError(
    "data_folder_damaged",
    `the data folder ${folder} is damaged: ${why}. Nothing was changed: keep a copy of ${file}, try \`sqlite3 ${file} .recover\`, or begin with another --data`,
    { folder },
    error,
  );
}
