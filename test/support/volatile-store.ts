import type { ItemWrite } from "../../lib/adapters/single-process/items/apply-actions.ts";
import type { Store, StoredMessage, Woken } from "../../lib/adapters/single-process/store.ts";
import type { Item } from "../../lib/contract/item-size.ts";
import type { Header, LogRecord } from "../../lib/kernel/record.ts";
import type { Graph } from "../../lib/model/graph.ts";
import type { ExecutionQuery } from "../../lib/ports/step-log.ts";
import type { DeadLetter } from "../../lib/ports/transport.ts";

/**
 * A store as the local one is: what is written is seen at once and is on disk only with the next commit, which the test
 * makes. Thrown away before that, it has lost what was not committed.
 */
export class VolatileStore implements Store {
  readonly #disk: Store;
  readonly #headers = new Map<string, Header>();
  /** Undefined: deleted. */
  readonly #records = new Map<string, Map<string, LogRecord | undefined>>();
  readonly #items = new Map<string, ItemWrite>();
  readonly #graphs = new Map<string, Graph>();
  #writes: (() => void)[] = [];
  #told: (() => void)[] = [];

  constructor(disk: Store) {
    this.#disk = disk;
  }

  /** Something waits for a commit. */
  get pending(): boolean {
    return this.#writes.length > 0 || this.#told.length > 0;
  }
  commit(): void {
    const writes = this.#writes;
    this.#writes = [];
    for (const write of writes) write();
  }
  /** After a commit: those who wait for it go on. */
  tell(): void {
    const told = this.#told;
    this.#told = [];
    for (const call of told) call();
  }

  header(execution: string): Header | undefined {
    return this.#headers.get(execution) ?? this.#disk.header(execution);
  }
  putHeader(execution: string, header: Header): void {
    this.#headers.set(execution, header);
    this.#writes.push(() => this.#disk.putHeader(execution, header));
  }
  executions(query: ExecutionQuery): readonly Header[] {
    return this.#disk.executions(query);
  }

  record(execution: string, key: string): LogRecord | undefined {
    const written = this.#records.get(execution);
    return written?.has(key) ? written.get(key) : this.#disk.record(execution, key);
  }
  putRecord(execution: string, key: string, record: LogRecord): void {
    this.#write(execution, key, record);
    this.#writes.push(() => this.#disk.putRecord(execution, key, record));
  }
  deleteRecord(execution: string, key: string): void {
    this.#write(execution, key, undefined);
    this.#writes.push(() => this.#disk.deleteRecord(execution, key));
  }
  records(execution: string): ReadonlyMap<string, LogRecord> {
    const all = new Map(this.#disk.records(execution));
    for (const [key, record] of this.#records.get(execution) ?? []) {
      if (record) all.set(key, record);
      else all.delete(key);
    }
    return all;
  }
  #write(execution: string, key: string, record: LogRecord | undefined): void {
    const records = this.#records.get(execution) ?? new Map<string, LogRecord | undefined>();
    this.#records.set(execution, records.set(key, record));
  }

  item(table: string, key: string): Item | undefined {
    const id = `${table}\n${key}`;
    return this.#items.has(id) ? this.#items.get(id)?.item : this.#disk.item(table, key);
  }
  putItem(write: ItemWrite): void {
    this.#items.set(`${write.table}\n${write.key}`, write);
    this.#writes.push(() => this.#disk.putItem(write));
  }
  items(table: string): readonly Item[] {
    return this.#disk.items(table);
  }

  graph(hash: string): Graph | undefined {
    return this.#graphs.get(hash) ?? this.#disk.graph(hash);
  }
  putGraph(hash: string, graph: Graph): void {
    this.#graphs.set(hash, graph);
    this.#writes.push(() => this.#disk.putGraph(hash, graph));
  }

  nextMessageId(): number {
    return this.#disk.nextMessageId();
  }
  putMessage(message: StoredMessage): void {
    this.#writes.push(() => this.#disk.putMessage(message));
  }
  deleteMessage(id: number): void {
    this.#writes.push(() => this.#disk.deleteMessage(id));
  }
  loadMessages(): readonly StoredMessage[] {
    return this.#disk.loadMessages();
  }
  letSleep(id: number): void {
    this.#disk.letSleep(id);
  }
  wakeMessages(afterMs: number, untilMs: number): Woken {
    return this.#disk.wakeMessages(afterMs, untilMs);
  }
  nextDueMs(afterMs: number): number | undefined {
    return this.#disk.nextDueMs(afterMs);
  }
  bury(letter: DeadLetter): void {
    this.#writes.push(() => this.#disk.bury(letter));
  }
  deadLetters(): readonly DeadLetter[] {
    return this.#disk.deadLetters();
  }

  afterCommit(call: () => void): void {
    this.#told.push(call);
  }
  sync(): Promise<void> {
    return new Promise((resolve) => this.#told.push(resolve));
  }
  close(): void {
    this.commit();
  }
}
