/** The thread that commits: one batch at a time, on a connection of its own, made for the first. */
import type { DatabaseSync } from "node:sqlite";
import { type MessagePort, workerData } from "node:worker_threads";
import { messageOf } from "../../errors.ts";
import { type Batch, commit, prepareWrites, type WriteStatements } from "./batch.ts";
import { connect } from "./connect.ts";

/** What the thread is given. */
export interface CommitWorkerData {
  readonly file: string;
  readonly port: MessagePort;
  /** Counts what it has answered, for one who waits without an event loop. */
  readonly answers: Int32Array<SharedArrayBuffer>;
}
export type ToWorker = Batch | "close";
/** Of a batch, why it is not on disk, or null. */
export type FromWorker = "ready" | { readonly failure: string | null };

const { file, port, answers } = workerData as CommitWorkerData; // given by `CommitThread` alone
let open: { readonly db: DatabaseSync; readonly statements: WriteStatements } | undefined;

function carryOut(batch: Batch): string | null {
  try {
    if (!open) {
      const db = connect(file);
      open = { db, statements: prepareWrites(db) };
    }
    commit(open.db, open.statements, batch);
    return null;
  } catch (error) {
    return messageOf(error);
  }
}

port.on("message", (message: ToWorker) => {
  if (message === "close") open?.db.close();
  else port.postMessage({ failure: carryOut(message) } satisfies FromWorker);
  Atomics.add(answers, 0, 1);
  Atomics.notify(answers, 0);
  if (message === "close") port.close();
});
port.postMessage("ready" satisfies FromWorker);
