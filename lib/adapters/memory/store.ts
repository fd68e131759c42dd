/** For tests: nothing is on disk, and a commit is a turn of the microtask queue. */
import type { Item } from "../../contract/item-size.ts";
import type { Header, LogRecord } from "../../kernel/record.ts";
import type { Graph } from "../../model/graph.ts";
import type { ExecutionQuery } from "../../ports/step-log.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { ItemWrite } from "../single-process/items/apply-actions.ts";
import type { Store, StoredMessage, Woken } from "../single-process/store.ts";

export class MemoryStore implements Store {
  readonly #headers = new Map<string, Header>();
  readonly #records = new Map<string, Map<string, LogRecord>>();
  readonly #items = new Map<string, Map<string, Item>>();
  readonly #graphs = new Map<string, Graph>();
  readonly #messages = new Map<number, StoredMessage>();
  #nextMessageId = 1;
  readonly #dead: DeadLetter[] = [];

  header(execution: string): Header | undefined {
    return this.#headers.get(execution);
  }
  putHeader(execution: string, header: Header): void {
    this.#headers.set(execution, header);
  }
  executions({ workflow, status, limit, before }: ExecutionQuery): readonly Header[] {
    const key = (h: Header) => `${h.workflow}/${h.id}`;
    return [...this.#headers.values()]
      .filter(
        (h) => (workflow === undefined || h.workflow === workflow) && (status === undefined || h.status === status),
      )
      .sort((a, b) => b.startedAtMs - a.startedAtMs || (key(a) < key(b) ? 1 : -1))
      .filter(
        (h) =>
          !before ||
          h.startedAtMs < before.startedAtMs ||
          (h.startedAtMs === before.startedAtMs && key(h) < before.execution),
      )
      .slice(0, limit);
  }

  record(execution: string, key: string): LogRecord | undefined {
    return this.#records.get(execution)?.get(key);
  }
  putRecord(execution: string, key: string, record: LogRecord): void {
    const records = this.#records.get(execution);
    if (records) records.set(key, record);
    else this.#records.set(execution, new Map([[key, record]]));
  }
  deleteRecord(execution: string, key: string): void {
    this.#records.get(execution)?.delete(key);
  }
  records(execution: string): ReadonlyMap<string, LogRecord> {
    return new Map(this.#records.get(execution));
  }

  item(table: string, key: string): Item | undefined {
    return this.#items.get(table)?.get(key);
  }
  putItem({ table, key, item }: ItemWrite): void {
    const items = this.#items.get(table) ?? new Map<string, Item>();
    this.#items.set(table, items);
    if (item) items.set(key, item);
    else items.delete(key);
  }
  items(table: string): readonly Item[] {
    return [...(this.#items.get(table)?.values() ?? [])];
  }

  graph(hash: string): Graph | undefined {
    return this.#graphs.get(hash);
  }
  putGraph(hash: string, graph: Graph): void {
    this.#graphs.set(hash, graph);
  }

  nextMessageId(): number {
    return this.#nextMessageId++;
  }
  putMessage(message: StoredMessage): void {
    this.#messages.set(message.id, message);
  }
  deleteMessage(id: number): void {
    this.#messages.delete(id);
  }
  loadMessages(): readonly StoredMessage[] {
    return [...this.#messages.values()].filter(({ asleep }) => !asleep);
  }
  letSleep(): void {}
  wakeMessages(afterMs: number, untilMs: number): Woken {
    return { messages: this.#asleepAfter(afterMs).filter(({ visibleAtMs }) => visibleAtMs <= untilMs), untilMs };
  }
  nextDueMs(afterMs: number): number | undefined {
    return this.#asleepAfter(afterMs)[0]?.visibleAtMs;
  }
  #asleepAfter(timeMs: number): readonly StoredMessage[] {
    return [...this.#messages.values()]
      .filter(({ asleep, visibleAtMs }) => asleep && visibleAtMs > timeMs)
      .sort((a, b) => a.visibleAtMs - b.visibleAtMs);
  }
  bury(letter: DeadLetter): void {
    this.#dead.push(letter);
  }
  deadLetters(): readonly DeadLetter[] {
    return [...this.#dead];
  }

  afterCommit(call: () => void): void {
    queueMicrotask(call);
  }
  async sync(): Promise<void> {}
  close(): void {}
}
