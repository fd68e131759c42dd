/** Messages on disk. The row of one that is gone is written over by the next, so that a hop costs one statement, not two. */
import type { StatementSync } from "node:sqlite";
import { parseEnvelope, printEnvelope } from "../../contract/envelope.ts";
import { messageOf } from "../../errors.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { StoredMessage } from "../single-process/store.ts";
import type { StatementName } from "./schema.ts";
import { printStored, type StoredBody, showStored, textOf } from "./stored-body.ts";

type Statements = Readonly<Record<Extract<StatementName, "messages" | "putMessage" | "deleteMessage">, StatementSync>>;
/** Which row each message written came to lie in. */
type Placed = readonly (readonly [id: number, row: number])[];

export class MessageRows {
  readonly #sql: Statements;
  readonly #pending = new Map<number, StoredMessage | "deleted">();
  readonly #rows = new Map<number, number>();
  #nextRow = 1;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  get pending(): number {
    return this.#pending.size;
  }
  put(message: StoredMessage): void {
    this.#pending.set(message.id, message);
  }
  delete(id: number): void {
    this.#pending.set(id, "deleted");
  }

  /** What is on disk, by when it is due. */
  load(): {
    readonly messages: readonly StoredMessage[];
    readonly unreadable: readonly (DeadLetter & { id: number })[];
  } {
    const messages: StoredMessage[] = [];
    const unreadable: (DeadLetter & { id: number })[] = [];
    for (const found of this.#sql.messages.all()) {
      const { row: id, queue, body, visible_at: visibleAtMs, receives } = found as unknown as MessageRow;
      this.#rows.set(id, id);
      this.#nextRow = Math.max(this.#nextRow, id + 1);
      try {
        const envelope = parseEnvelope(textOf(body));
        messages.push({ id, queue, envelope, visibleAtMs, receives, sentAtMs: Date.now() });
      } catch (error) {
        unreadable.push({ id, queue, body: showStored(body), reason: messageOf(error), atMs: visibleAtMs });
      }
    }
    return { messages, unreadable };
  }

  /** Within a transaction; what it gives back is to be said to `committed` once that stands. */
  write(): Placed {
    const free: number[] = [];
    for (const [id, m] of this.#pending) {
      const row = this.#rows.get(id);
      if (m === "deleted" && row !== undefined) free.push(row);
    }
    const placed: [number, number][] = [];
    let next = this.#nextRow;
    for (const [id, m] of this.#pending) {
      if (m === "deleted") continue;
      const row = this.#rows.get(id) ?? free.pop() ?? next++;
      this.#sql.putMessage.run(row, m.queue, printStored(printEnvelope(m.envelope)), m.visibleAtMs, m.receives);
      placed.push([id, row]);
    }
    for (const row of free) this.#sql.deleteMessage.run(row);
    return placed;
  }

  committed(placed: Placed): void {
    for (const [id, m] of this.#pending) if (m === "deleted") this.#rows.delete(id);
    for (const [id, row] of placed) {
      this.#rows.set(id, row);
      this.#nextRow = Math.max(this.#nextRow, row + 1);
    }
    this.#pending.clear();
  }
}

interface MessageRow {
  readonly row: number;
  readonly queue: string;
  readonly body: StoredBody;
  readonly visible_at: number;
  readonly receives: number;
}
