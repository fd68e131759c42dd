/**
 * The data folder: one SQLite file, WAL, `synchronous=FULL`, held by one process. Writes are collected in memory, where
 * reads see them, and committed together once per turn of the event loop (group commit); a record written twice in a
 * turn is stored once. A commit that fails loses nothing: what was collected stays, nothing that waits for it goes on,
 * and it is tried again.
 *
 * A commit of many executions is left to a thread. Whatever waits for it is then told in two parts, so that one part's
 * next steps run while what the other part's have written is put on disk.
 */
import { availableParallelism } from "node:os";
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import type { Item } from "../../contract/item-size.ts";
import { messageOf, PawlError } from "../../errors.ts";
import type { Header, LogRecord } from "../../kernel/record.ts";
import type { Graph } from "../../model/graph.ts";
import type { ExecutionQuery } from "../../ports/step-log.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { ItemWrite } from "../single-process/items/apply-actions.ts";
import type { Store, StoredMessage, Woken } from "../single-process/store.ts";
import { type Batch, commit, type Write } from "./batch.ts";
import { CommitThread } from "./commit-thread.ts";
import { type Loaded, MessageRows } from "./message-rows.ts";
import { openDatabase } from "./open-database.ts";
import { RecordCache } from "./record-cache.ts";
import { STATEMENTS, type StatementName } from "./schema.ts";
import { parseStored, type StoredBody, showStored } from "./stored-body.ts";
import { Unwritten } from "./unwritten.ts";

const RETRY_COMMIT_MS = 500;
/** What fewer executions have written is on disk before a thread has heard of it, and others have little to do meanwhile. */
const FEWEST_FOR_THREAD = 16;
/** Of a header as JSON, about. */
const HEADER_CHARS = 300;

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
  readonly #file: string;
  readonly #db: DatabaseSync;
  readonly #unlock: () => void;
  readonly #sql: Readonly<Record<StatementName, StatementSync>>;
  readonly #options: StoreOptions;
  /**
   * Executions that began in this process, with every record of theirs in memory: what is not there does not exist, and
   * need not be looked for on disk.
   */
  readonly #whole = new Set<string>();
  readonly #cache = new RecordCache((id) => this.#whole.delete(id.split("\n", 1)[0] ?? id));
  #next = new Unwritten();
  /** What is being put on disk by the thread. */
  #flight: Unwritten | undefined;
  readonly #messages: MessageRows;
  /** To be told that what they wait for is on disk. */
  #due: (() => void)[] = [];
  #dueAtOnce = 0;
  #thread: CommitThread | undefined;
  #scheduled = false;
  #retry: NodeJS.Timeout | undefined;
  /** In a row. */
  #failures = 0;

  /** @throws PawlError `data_folder_in_use`, `data_folder_damaged`, `data_folder_unwritable` */
  constructor(folder: string, options: StoreOptions = {}) {
    this.#folder = folder;
    this.#options = options;
    const { file, db, unlock } = openDatabase(folder);
    this.#file = file;
    this.#db = db;
    this.#unlock = unlock;
    const sql = Object.entries(STATEMENTS).map(([name, text]) => [name, this.#db.prepare(text)] as const);
    this.#sql = Object.fromEntries(sql) as Record<StatementName, StatementSync>;
    this.#messages = new MessageRows(this.#sql);
  }

  header(execution: string): Header | undefined {
    const written = this.#next.headers.get(execution) ?? this.#flight?.headers.get(execution);
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
    this.#next.headers.set(execution, header);
    this.#schedule();
  }
  executions({ workflow, status, limit, before }: ExecutionQuery): readonly Header[] {
    this.#commitNow(); // a listing is of what is on disk
    const { startedAtMs = Number.MAX_SAFE_INTEGER, execution = "" } = before ?? {};
    const args = { workflow: workflow ?? null, status: status ?? null, startedAtMs, execution, limit };
    return this.#sql.executions.all(args).map((row) => this.#parse(row, "a header").value as Header);
  }

  record(execution: string, key: string): LogRecord | undefined {
    const id = `${execution}\n${key}`;
    const written = this.#next.records.get(id) ?? this.#flight?.records.get(id);
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
    this.#next.records.set(`${execution}\n${key}`, { execution, key, record });
    this.#schedule();
  }
  deleteRecord(execution: string, key: string): void {
    this.#next.records.set(`${execution}\n${key}`, { execution, key, record: undefined });
    this.#schedule();
  }
  records(execution: string): ReadonlyMap<string, LogRecord> {
    const all = new Map<string, LogRecord>();
    for (const row of this.#sql.records.all(execution)) {
      const key = row.key as string;
      all.set(key, this.#parse(row, `the record ${key} of ${execution}`).value as LogRecord);
    }
    for (const unwritten of [this.#flight, this.#next])
      for (const { key, record, ...of } of unwritten?.records.values() ?? []) {
        if (of.execution !== execution) continue;
        if (record) all.set(key, record);
        else all.delete(key);
      }
    return all;
  }

  item(table: string, key: string): Item | undefined {
    const id = `${table}\n${key}`;
    const written = this.#next.items.get(id) ?? this.#flight?.items.get(id);
    if (written) return written.item;
    const row = this.#sql.item.get(table, key);
    return row && (this.#parse(row, `the item ${key} of the table ${table}`).value as Item);
  }
  putItem(write: ItemWrite): void {
    this.#next.items.set(`${write.table}\n${write.key}`, write);
    this.#schedule();
  }
  items(table: string): readonly Item[] {
    this.#commitNow();
    return this.#sql.items.all(table).map((row) => this.#parse(row, `an item of the table ${table}`).value as Item);
  }

  graph(hash: string): Graph | undefined {
    const row = this.#sql.graph.get(hash);
    return row && (this.#parse(row, `the graph ${hash}`).value as Graph);
  }
  putGraph(hash: string, graph: Graph): void {
    this.#later("putGraph", hash, JSON.stringify(graph));
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
    this.#later("bury", queue, body, reason, atMs);
  }
  deadLetters(): readonly DeadLetter[] {
    this.#commitNow();
    return this.#sql.deadLetters.all().map((row) => {
      const { queue, body, reason, at } = row as unknown as DeadLetterRow;
      return { queue, body: showStored(body), reason, atMs: at };
    });
  }

  afterCommit(call: () => void): void {
    this.#next.callbacks.push(call);
    this.#schedule();
  }
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#next.syncs.push({ resolve, reject });
      this.#schedule();
    });
  }
  close(): void {
    try {
      this.#thread?.close();
      clearTimeout(this.#retry);
      const printed = this.#print();
      this.#write(printed.batch);
      this.#committed(printed);
    } catch (error) {
      throw storageFailed(this.#folder, error);
    } finally {
      this.#db.close();
      this.#unlock();
    }
    for (const call of this.#due.splice(0)) call();
  }

  /** @throws PawlError `data_folder_damaged` */
  #parse({ body }: Readonly<Record<string, unknown>>, what: string): ReturnType<typeof parseStored> {
    return parseStored(body, { folder: this.#folder, what });
  }

  #later(...write: readonly [Write, ...SQLInputValue[]]): void {
    this.#next.others.push(write);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#retry) return;
    this.#scheduled = true;
    setImmediate(() => this.#turn());
  }

  /** Commits what was collected, and tells of what is on disk. */
  #turn(): void {
    this.#scheduled = false;
    if (!this.#db.isOpen) return;
    this.#commit({ here: false });
    this.#tell();
  }

  /** Also what the thread is about, and without giving anybody else a turn. */
  #commitNow(): void {
    this.#thread?.finish();
    this.#commit({ here: true });
    if (this.#due.length > 0) this.#schedule();
  }

  #commit({ here }: { readonly here: boolean }): void {
    if (this.#flight) return; // when that has landed
    if (this.#next.isEmpty && this.#messages.pending === 0) return;
    const printed = this.#print();
    const thread = here || this.#failures > 0 ? undefined : this.#threadFor(printed.written);
    if (thread) {
      this.#flight = printed.written;
      thread.commit(printed.batch, (failure) => {
        this.#flight = undefined;
        if (failure === undefined) this.#committed(printed, true);
        else this.#failed(printed, failure);
        this.#schedule();
      });
      return;
    }
    try {
      this.#write(printed.batch);
      this.#committed(printed);
    } catch (error) {
      this.#failed(printed, error);
    }
  }

  #threadFor({ executions }: Unwritten): CommitThread | undefined {
    if (executions < FEWEST_FOR_THREAD || availableParallelism() === 1) return undefined;
    this.#thread ??= new CommitThread(this.#file);
    return this.#thread.ready ? this.#thread : undefined;
  }

  #print(): Printed {
    const batch: Batch = {};
    const written = this.#next;
    const chars = written.printInto(batch);
    this.#messages.printInto(batch);
    this.#next = new Unwritten();
    return { batch, written, chars };
  }
  #write(batch: Batch): void {
    if (Object.keys(batch).length > 0) commit(this.#db, this.#sql, batch);
  }

  #committed({ written, chars }: Printed, byThread = false): void {
    this.#failures = 0;
    for (const [id, { record }] of written.records) {
      if (record) this.#cache.set(id, record, chars.get(id) ?? 0);
      else this.#cache.delete(id);
    }
    for (const [execution, header] of written.headers) this.#cache.set(execution, header, HEADER_CHARS);
    this.#messages.committed();
    for (const { resolve } of written.syncs) resolve();
    this.#due.push(...written.callbacks);
    // Where the thread has nothing to do next, one half gives it something while the other is at work.
    this.#dueAtOnce = byThread && this.#next.isEmpty ? Math.ceil(this.#due.length / 2) : this.#due.length;
  }

  #failed({ written }: Printed, error: unknown): void {
    this.#failures++;
    this.#next = written.followedBy(this.#next);
    this.#messages.failed();
    const failure = storageFailed(this.#folder, error);
    this.#options.onFailure?.(failure);
    for (const { reject } of this.#next.syncs.splice(0)) reject(failure);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#turn();
    }, RETRY_COMMIT_MS);
  }

  #tell(): void {
    for (const call of this.#due.splice(0, this.#dueAtOnce)) call();
    if (this.#due.length > 0) this.#schedule();
  }
}

interface Printed {
  readonly batch: Batch;
  readonly written: Unwritten;
  /** How long each record is as JSON. */
  readonly chars: ReadonlyMap<string, number>;
}

const storageFailed = (folder: string, error: unknown): PawlError =>
  new PawlError(
    "storage_failed",
    `the data folder ${folder} cannot be written: ${messageOf(error)}. Nothing is lost: it is tried again until there is room`,
    { folder },
    error,
  );
