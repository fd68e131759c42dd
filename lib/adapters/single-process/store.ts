/**
 * What a one-process adapter keeps its records, messages and graphs in. Reads and writes are synchronous and seen at
 * once; `afterCommit` tells when everything written so far is on disk. The conditions of the step log are checked above
 * it, between a read and a write that nothing can come between.
 */

import type { Envelope } from "../../contract/envelope.ts";
import type { Item } from "../../contract/item-size.ts";
import type { Header, LogRecord } from "../../kernel/record.ts";
import type { Graph } from "../../model/graph.ts";
import type { ExecutionQuery } from "../../ports/step-log.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { ItemWrite } from "./items/apply-actions.ts";

export interface Store {
  header(execution: string): Header | undefined;
  putHeader(execution: string, header: Header): void;
  executions(query: ExecutionQuery): readonly Header[];

  record(execution: string, key: string): LogRecord | undefined;
  putRecord(execution: string, key: string, record: LogRecord): void;
  deleteRecord(execution: string, key: string): void;
  records(execution: string): ReadonlyMap<string, LogRecord>;

  /** Of a table of the user's. */
  item(table: string, key: string): Item | undefined;
  putItem(write: ItemWrite): void;
  items(table: string): readonly Item[];

  graph(hash: string): Graph | undefined;
  putGraph(hash: string, graph: Graph): void;

  /** An id that no message has, and none had. */
  nextMessageId(): number;
  /** Puts a message, or replaces the one of this id. */
  putMessage(message: StoredMessage): void;
  deleteMessage(id: number): void;
  /** What was there when the store was opened and is not asleep, oldest first; undecodable ones are buried on the way. */
  loadMessages(): readonly StoredMessage[];
  /** A message that is asleep and on disk is not needed in memory any more: it comes back by `wakeMessages`. */
  letSleep(id: number): void;
  /**
   * What is asleep on disk and due later than `afterMs`, until then, or until an earlier time when there is much. They
   * have ids of their own, whatever they had before.
   */
  wakeMessages(afterMs: number, untilMs: number): Woken;
  /** When the first one is due that is asleep on disk and due later than this. */
  nextDueMs(afterMs: number): number | undefined;
  bury(letter: DeadLetter): void;
  deadLetters(): readonly DeadLetter[];

  /** Calls back, in order, once all that was written so far is on disk. A commit that fails is tried again for ever. */
  afterCommit(call: () => void): void;
  /** Rejects at the first commit that fails; what was written is still kept and tried again. */
  sync(): Promise<void>;
  /** Commits what is left. @throws PawlError `storage_failed` */
  close(): void;
}

export interface StoredMessage {
  readonly id: number;
  readonly queue: string;
  readonly envelope: Envelope;
  readonly visibleAtMs: number;
  readonly receives: number;
  /** Of a message that was read from disk, that moment. */
  readonly sentAtMs: number;
  /** Due so late that it is found by its time, and not kept in memory. */
  readonly asleep?: boolean;
}

export interface Woken {
  readonly messages: readonly StoredMessage[];
  /** All that is due until then is among them. */
  readonly untilMs: number;
}
