/**
 * The data folder: one SQLite file, WAL, `synchronous=FULL`, held by one process. Writes are collected in memory, where
 * reads see them, and committed together once per turn of the event loop (group commit); a record written twice in a
 * turn is stored once. A commit that fails loses nothing: what was collected stays, nothing that waits for it goes on,
 * and it is tried again.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { parseEnvelope, printEnvelope } from "../../contract/envelope.ts";
import { messageOf, PawlError } from "../../errors.ts";
import type { Header, LogRecord } from "../../kernel/record.ts";
import type { Graph } from "../../model/graph.ts";
import type { ExecutionQuery } from "../../ports/step-log.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { Store, StoredMessage } from "../single-process/store.ts";
import { RecordCache } from "./record-cache.ts";
import { SCHEMA, STATEMENTS, type StatementName } from "./schema.ts";

const RETRY_COMMIT_MS = 500;

export interface StoreOptions {
  /** Told of a commit that failed. */
  readonly onFailure?: (error: PawlError) => void;
}

export class LocalStore implements Store {
  readonly #folder: string;
  readonly #db: DatabaseSync;
  readonly #sql: Readonly<Record<StatementName, StatementSync>>;
  readonly #options: StoreOptions;
  /**
   * Executions that began in this process, with every record of theirs in memory: what is not there does not exist, and
   * need not be looked for on disk.
   */
  readonly #whole = new Set<string>();
  readonly #cache = new RecordCache((id) => this.#whole.delete(id.split("\n", 1)[0] ?? id));
  // Written, not yet on disk.
  readonly #records = new Map<
    string,
    { readonly execution: string; readonly key: string; readonly record: LogRecord }
  >();
  readonly #headers = new Map<string, Header>();
  readonly #messages = new Map<number, StoredMessage | "deleted">();
  /** The rows that messages lie in. A row of one that is gone is written over by the next: one statement, not two. */
  readonly #rows = new Map<number, number>();
  #nextRow = 1;
  readonly #others: (() => void)[] = [];
  #callbacks: (() => void)[] = [];
  #syncs: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[] = [];
  #scheduled = false;
  #retry: NodeJS.Timeout | undefined;

  /** @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable` */
  constructor(folder: string, options: StoreOptions = {}) {
    this.#folder = folder;
    this.#options = options;
    this.#db = openDatabase(folder);
    const sql = Object.entries(STATEMENTS).map(([name, text]) => [name, this.#db.prepare(text)] as const);
    this.#sql = Object.fromEntries(sql) as Record<StatementName, StatementSync>;
  }

  header(execution: string): Header | undefined {
    const written = this.#headers.get(execution);
    if (written) return written;
    const cached = this.#cache.get(execution);
    if (cached) return cached as Header;
    const row = this.#sql.header.get(execution);
    if (!row) return undefined;
    const header = JSON.parse(row["body"] as string) as Header;
    this.#cache.set(execution, header, (row["body"] as string).length);
    return header;
  }
  putHeader(execution: string, header: Header): void {
    if (header.status !== "running") this.#whole.delete(execution);
    else if (!this.header(execution)) this.#whole.add(execution);
    this.#headers.set(execution, header);
    this.#schedule();
  }
  executions({ workflow, status, limit, before }: ExecutionQuery): readonly Header[] {
    this.#commit(); // a listing is of what is on disk
    const { startedAtMs = Number.MAX_SAFE_INTEGER, execution = "" } = before ?? {};
    const args = { workflow: workflow ?? null, status: status ?? null, startedAtMs, execution, limit };
    return this.#sql.executions.all(args).map((row) => JSON.parse(row["body"] as string) as Header);
  }

  record(execution: string, key: string): LogRecord | undefined {
    const id = `${execution}\n${key}`;
    const written = this.#records.get(id);
    if (written) return written.record;
    const cached = this.#cache.get(id);
    if (cached) return cached;
    if (this.#whole.has(execution)) return undefined;
    const row = this.#sql.record.get(execution, key);
    if (!row) return undefined;
    const record = JSON.parse(row["body"] as string) as LogRecord;
    this.#cache.set(id, record, (row["body"] as string).length);
    return record;
  }
  putRecord(execution: string, key: string, record: LogRecord): void {
    this.#records.set(`${execution}\n${key}`, { execution, key, record });
    this.#schedule();
  }
  records(execution: string): ReadonlyMap<string, LogRecord> {
    const all = new Map<string, LogRecord>();
    for (const row of this.#sql.records.all(execution))
      all.set(row["key"] as string, JSON.parse(row["body"] as string) as LogRecord);
    for (const w of this.#records.values()) if (w.execution === execution) all.set(w.key, w.record);
    return all;
  }

  graph(hash: string): Graph | undefined {
    const row = this.#sql.graph.get(hash);
    return row && (JSON.parse(row["body"] as string) as Graph);
  }
  putGraph(hash: string, graph: Graph): void {
    this.#later(() => this.#sql.putGraph.run(hash, JSON.stringify(graph)));
  }

  putMessage(message: StoredMessage): void {
    this.#messages.set(message.id, message);
    this.#schedule();
  }
  deleteMessage(id: number): void {
    this.#messages.set(id, "deleted");
    this.#schedule();
  }
  loadMessages(): readonly StoredMessage[] {
    const messages: StoredMessage[] = [];
    for (const row of this.#sql.messages.all()) {
      const { row: id, queue, body, visible_at: visibleAtMs, receives } = row as unknown as MessageRow;
      this.#rows.set(id, id);
      this.#nextRow = Math.max(this.#nextRow, id + 1);
      try {
        messages.push({ id, queue, envelope: parseEnvelope(body), visibleAtMs, receives });
      } catch (error) {
        this.bury({ queue, body, reason: messageOf(error), atMs: visibleAtMs });
        this.deleteMessage(id);
      }
    }
    return messages;
  }
  bury({ queue, body, reason, atMs }: DeadLetter): void {
    this.#later(() => this.#sql.bury.run(queue, body, reason, atMs));
  }
  deadLetters(): readonly DeadLetter[] {
    this.#commit();
    return this.#sql.deadLetters.all().map((row) => {
      const { queue, body, reason, at } = row as unknown as Omit<DeadLetter, "atMs"> & { at: number };
      return { queue, body, reason, atMs: at };
    });
  }

  afterCommit(call: () => void): void {
    this.#callbacks.push(call);
    this.#schedule();
  }
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#syncs.push({ resolve, reject });
      this.#schedule();
    });
  }
  close(): void {
    clearTimeout(this.#retry);
    try {
      this.#write();
    } finally {
      this.#db.close();
    }
    this.#tell();
  }

  #later(write: () => void): void {
    this.#others.push(write);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#retry) return;
    this.#scheduled = true;
    setImmediate(() => this.#commit());
  }

  #commit(): void {
    this.#scheduled = false;
    if (!this.#db.isOpen) return;
    try {
      this.#write();
    } catch (error) {
      const failure = storageFailed(this.#folder, error);
      this.#options.onFailure?.(failure);
      for (const { reject } of this.#syncs.splice(0)) reject(failure);
      this.#retry ??= setTimeout(() => {
        this.#retry = undefined;
        this.#commit();
      }, RETRY_COMMIT_MS);
      return;
    }
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#tell();
  }

  #tell(): void {
    const callbacks = this.#callbacks;
    const syncs = this.#syncs;
    this.#callbacks = [];
    this.#syncs = [];
    for (const { resolve } of syncs) resolve();
    for (const call of callbacks) call();
  }

  #write(): void {
    if (this.#records.size + this.#headers.size + this.#messages.size + this.#others.length === 0) return;
    const sql = this.#sql;
    this.#db.exec("begin immediate");
    const sizes: number[] = [];
    let rows: readonly (readonly [id: number, row: number])[];
    try {
      for (const write of this.#others) write();
      for (const [execution, h] of this.#headers)
        sql.putHeader.run(execution, h.workflow, h.status, h.startedAtMs, JSON.stringify(h));
      for (const { execution, key, record } of this.#records.values()) {
        const body = JSON.stringify(record);
        sizes.push(body.length);
        sql.putRecord.run(execution, key, body);
      }
      rows = this.#writeMessages();
      this.#db.exec("commit");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("rollback");
      throw error;
    }
    let i = 0;
    for (const [id, { record }] of this.#records) this.#cache.set(id, record, sizes[i++] ?? 0);
    for (const [id, m] of this.#messages) if (m === "deleted") this.#rows.delete(id);
    for (const [id, row] of rows) this.#rows.set(id, row);
    for (const [, row] of rows) this.#nextRow = Math.max(this.#nextRow, row + 1);
    for (const [execution, header] of this.#headers) this.#cache.set(execution, header, 300);
    this.#records.clear();
    this.#headers.clear();
    this.#messages.clear();
    this.#others.length = 0;
  }

  /** Gives back the rows that messages came to lie in, to be remembered once they are committed. */
  #writeMessages(): readonly (readonly [id: number, row: number])[] {
    const free: number[] = [];
    for (const [id, m] of this.#messages) {
      const row = this.#rows.get(id);
      if (m === "deleted" && row !== undefined) free.push(row);
    }
    const placed: [number, number][] = [];
    let next = this.#nextRow;
    for (const [id, m] of this.#messages) {
      if (m === "deleted") continue;
      const row = this.#rows.get(id) ?? free.pop() ?? next++;
      this.#sql.putMessage.run(row, m.queue, printEnvelope(m.envelope), m.visibleAtMs, m.receives);
      placed.push([id, row]);
    }
    for (const row of free) this.#sql.deleteMessage.run(row);
    return placed;
  }
}

interface MessageRow {
  readonly row: number;
  readonly queue: string;
  readonly body: string;
  readonly visible_at: number;
  readonly receives: number;
}

const storageFailed = (folder: string, error: unknown): PawlError =>
  new PawlError(
    "storage_failed",
    `the data folder ${folder} cannot be written: ${messageOf(error)}. Nothing is lost: it is tried again until there is room`,
    { folder },
    error,
  );

function openDatabase(folder: string): DatabaseSync {
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
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file);
    // Exclusive: the lock goes with the process, however it ends.
    db.exec(
      "pragma locking_mode=exclusive; pragma journal_mode=wal; pragma synchronous=full; pragma wal_autocheckpoint=8000; begin immediate",
    );
    db.exec(SCHEMA);
    db.exec("commit");
    const check = db.prepare("pragma quick_check(1)").get();
    if (check?.["quick_check"] !== "ok") throw new Error(String(check?.["quick_check"]));
    return db;
  } catch (error) {
    db?.close();
    throw openFailed(folder, file, error);
  }
}

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
