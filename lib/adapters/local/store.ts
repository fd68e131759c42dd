/**
 * The data folder: one SQLite file, WAL, `synchronous=FULL`, held by one process. Writes are collected in memory, where
 * reads see them, and committed together once per turn of the event loop (group commit); a record written twice in a
 * turn is stored once. A commit that fails loses nothing: what was collected stays, nothing that waits for it goes on,
 * and it is tried again.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Item } from "../../contract/item-size.ts";
import { messageOf, PawlError } from "../../errors.ts";
import type { Header, LogRecord } from "../../kernel/record.ts";
import type { Graph } from "../../model/graph.ts";
import type { ExecutionQuery } from "../../ports/step-log.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { ItemWrite } from "../single-process/items/apply-actions.ts";
import type { Store, StoredMessage, Woken } from "../single-process/store.ts";
import { type Loaded, MessageRows } from "./message-rows.ts";
import { openDatabase } from "./open-database.ts";
import { RecordCache } from "./record-cache.ts";
import { STATEMENTS, type StatementName } from "./schema.ts";
import { parseStored, printStored, type StoredBody, showStored } from "./stored-body.ts";

const RETRY_COMMIT_MS = 500;

interface DeadLetterRow extends Pick<DeadLetter, "queue" | "reason"> {
  readonly body: StoredBody;
  readonly at: number;
}

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
    { readonly execution: string; readonly key: string; readonly record: LogRecord | undefined }
  >();
  readonly #headers = new Map<string, Header>();
  readonly #items = new Map<string, ItemWrite>();
  readonly #messages: MessageRows;
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
    this.#messages = new MessageRows(this.#sql);
  }

  header(execution: string): Header | undefined {
    const written = this.#headers.get(execution);
    if (written) return written;
    const cached = this.#cache.get(execution);
    if (cached) return cached as Header;
    const row = this.#sql.header.get(execution);
    if (!row) return undefined;
    const { value, chars } = this.#parse(row, `the header of ${execution}`);
    const header = value as Header;
    this.#cache.set(execution, header, chars);
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
    return this.#sql.executions.all(args).map((row) => this.#parse(row, "a header").value as Header);
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
    const { value, chars } = this.#parse(row, `the record ${key} of ${execution}`);
    const record = value as LogRecord;
    this.#cache.set(id, record, chars);
    return record;
  }
  putRecord(execution: string, key: string, record: LogRecord): void {
    this.#records.set(`${execution}\n${key}`, { execution, key, record });
    this.#schedule();
  }
  deleteRecord(execution: string, key: string): void {
    this.#records.set(`${execution}\n${key}`, { execution, key, record: undefined });
    this.#schedule();
  }
  records(execution: string): ReadonlyMap<string, LogRecord> {
    const all = new Map<string, LogRecord>();
    for (const row of this.#sql.records.all(execution)) {
      const key = row.key as string;
      all.set(key, this.#parse(row, `the record ${key} of ${execution}`).value as LogRecord);
    }
    for (const { key, record, ...of } of this.#records.values()) {
      if (of.execution !== execution) continue;
      if (record) all.set(key, record);
      else all.delete(key);
    }
    return all;
  }

  item(table: string, key: string): Item | undefined {
    const written = this.#items.get(`${table}\n${key}`);
    if (written) return written.item;
    const row = this.#sql.item.get(table, key);
    return row && (this.#parse(row, `the item ${key} of the table ${table}`).value as Item);
  }
  putItem(write: ItemWrite): void {
    this.#items.set(`${write.table}\n${write.key}`, write);
    this.#schedule();
  }
  items(table: string): readonly Item[] {
    this.#commit();
    return this.#sql.items.all(table).map((row) => this.#parse(row, `an item of the table ${table}`).value as Item);
  }

  graph(hash: string): Graph | undefined {
    const row = this.#sql.graph.get(hash);
    return row && (this.#parse(row, `the graph ${hash}`).value as Graph);
  }
  putGraph(hash: string, graph: Graph): void {
    this.#later(() => this.#sql.putGraph.run(hash, printStored(JSON.stringify(graph))));
  }

  nextMessageId(): number {
    return this.#messages.nextId();
  }
  putMessage(message: StoredMessage): void {
    this.#messages.put(message);
    this.#schedule();
  }
  deleteMessage(id: number): void {
    this.#messages.delete(id);
    this.#schedule();
  }
  loadMessages(): readonly StoredMessage[] {
    return this.#readable(this.#messages.load());
  }
  letSleep(id: number): void {
    this.#messages.letSleep(id);
  }
  wakeMessages(afterMs: number, untilMs: number): Woken {
    const woken = this.#messages.wake(afterMs, untilMs);
    return { messages: this.#readable(woken), untilMs: woken.untilMs };
  }
  nextDueMs(afterMs: number): number | undefined {
    return this.#messages.nextDueMs(afterMs);
  }
  #readable({ messages, unreadable }: Loaded): readonly StoredMessage[] {
    for (const { id, ...letter } of unreadable) {
      this.bury(letter);
      this.deleteMessage(id);
    }
    return messages;
  }
  bury({ queue, body, reason, atMs }: DeadLetter): void {
    this.#later(() => this.#sql.bury.run(queue, printStored(body), reason, atMs));
  }
  deadLetters(): readonly DeadLetter[] {
    this.#commit();
    return this.#sql.deadLetters.all().map((row) => {
      const { queue, body, reason, at } = row as unknown as DeadLetterRow;
      return { queue, body: showStored(body), reason, atMs: at };
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
    } catch (error) {
      throw storageFailed(this.#folder, error);
    } finally {
      this.#db.close();
    }
    this.#tell();
  }

  /** @throws PawlError `data_folder_damaged` */
  #parse({ body }: Readonly<Record<string, unknown>>, what: string): ReturnType<typeof parseStored> {
    return parseStored(body, { folder: this.#folder, what });
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
    const { pending } = this.#messages;
    if (this.#records.size + this.#headers.size + this.#items.size + pending + this.#others.length === 0) return;
    const sql = this.#sql;
    this.#db.exec("begin immediate");
    const sizes = new Map<string, number>();
    try {
      for (const write of this.#others) write();
      for (const [execution, h] of this.#headers)
        sql.putHeader.run(execution, h.workflow, h.status, h.startedAtMs, printStored(JSON.stringify(h)));
      for (const [id, { execution, key, record }] of this.#records) {
        if (!record) {
          sql.deleteRecord.run(execution, key);
          continue;
        }
        const json = JSON.stringify(record);
        sizes.set(id, json.length);
        sql.putRecord.run(execution, key, printStored(json));
      }
      for (const { table, key, item } of this.#items.values()) {
        if (item) sql.putItem.run(table, key, printStored(JSON.stringify(item)));
        else sql.deleteItem.run(table, key);
      }
      const placed = this.#messages.write();
      this.#db.exec("commit");
      this.#messages.committed(placed);
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("rollback");
      throw error;
    }
    for (const [id, { record }] of this.#records) {
      if (record) this.#cache.set(id, record, sizes.get(id) ?? 0);
      else this.#cache.delete(id);
    }
    for (const [execution, header] of this.#headers) this.#cache.set(execution, header, 300);
    this.#records.clear();
    this.#headers.clear();
    this.#items.clear();
    this.#others.length = 0;
  }
}

const storageFailed = (folder: string, error: unknown): PawlError =>
  new PawlError(
    "storage_failed",
    `the data folder ${folder} cannot be written: ${messageOf(error)}. Nothing is lost: it is tried again until there is room`,
    { folder },
    error,
  );
