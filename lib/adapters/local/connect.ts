/** A connection to the data folder's file. */
import { DatabaseSync } from "node:sqlite";

/** A commit is on disk when it returns; the log is folded into the file at 32 MiB. */
export function connect(file: string): DatabaseSync {
  const db = new DatabaseSync(file);
  try {
    db.exec("pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=8000");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
