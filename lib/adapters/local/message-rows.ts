/**
 * Messages on disk. The row of one that is gone is written over by the next, so that a hop costs one statement, not two.
 *
 * A message has an id in memory and a row on disk. One that was read from disk has its row's number as its id, below
 * zero, so nothing needs to be kept of where it lies; one that was put has an id above zero, and where it lies is kept
 * until it is gone or asleep.
 */
import type { StatementSync } from "node:sqlite";
import { parseEnvelope, printEnvelope } from "../../contract/envelope.ts";
import { messageOf } from "../../errors.ts";
import type { DeadLetter } from "../../ports/transport.ts";
import type { StoredMessage, Woken } from "../single-process/store.ts";
import { add, type Batch } from "./batch.ts";
import { FIRST_ASLEEP, type StatementName } from "./schema.ts";
import { type StoredBody, showStored, textOf } from "./stored-body.ts";

/** So many are read at once, and those that are due in the same millisecond as the last one. */
const MOST_WOKEN = 500;

type Names = "messages" | "asleep" | "dueMs" | "lastRow";
type Statements = Readonly<Record<Extract<StatementName, Names>, StatementSync>>;
/** Which row each message written came to lie in. */
type Placed = readonly (readonly [id: number, row: number])[];

export interface Loaded {
  readonly messages: readonly StoredMessage[];
  readonly unreadable: readonly (DeadLetter & { readonly id: number })[];
}

export class MessageRows {
  readonly #sql: Statements;
  #pending = new Map<number, StoredMessage | "deleted">();
  /** What is being committed. */
  #printed: ReadonlyMap<number, StoredMessage | "deleted"> = new Map();
  #placed: Placed = [];
  readonly #rows = new Map<number, number>();
  #nextId = 1;
  #nextRow = 1;
  #nextAsleep = FIRST_ASLEEP;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  get pending(): number {
    return this.#pending.size;
  }
  nextId(): number {
    return this.#nextId++;
  }
  put(message: StoredMessage): void {
    this.#pending.set(message.id, message);
  }
  delete(id: number): void {
    this.#pending.set(id, "deleted");
  }
  letSleep(id: number): void {
    this.#rows.delete(id);
  }

  /** What is on disk and not asleep, by when it is due. */
  load(): Loaded {
    const last = (this.#sql.lastRow.get() as { readonly row: number | null }).row ?? 0;
    this.#nextAsleep = Math.max(this.#nextAsleep, last + 1);
    const rows = this.#sql.messages.all() as unknown as readonly MessageRow[];
    for (const { row } of rows) this.#nextRow = Math.max(this.#nextRow, row + 1);
    return parseRows(rows);
  }

  /** What is on disk and asleep and due in this time. */
  wake(afterMs: number, untilMs: number): Loaded & Woken {
    const inTime = {
      afterMs: Math.max(afterMs, Number.MIN_SAFE_INTEGER),
      untilMs: Math.min(untilMs, this.nextDueMs(afterMs, MOST_WOKEN - 1) ?? untilMs, Number.MAX_SAFE_INTEGER),
    };
    const rows = this.#sql.asleep.all(inTime) as unknown as readonly MessageRow[];
    return { ...parseRows(rows), untilMs: inTime.untilMs };
  }

  /** When the first one is due that is asleep and due later than this, or the one so many after it. */
  nextDueMs(afterMs: number, after = 0): number | undefined {
    const row = this.#sql.dueMs.get({ afterMs: Math.max(afterMs, Number.MIN_SAFE_INTEGER), after });
    return row?.visible_at as number | undefined;
  }

  /** Until `committed` or `failed` says what became of it, nothing else can be printed. */
  printInto(batch: Batch): void {
    const free: number[] = [];
    const gone: number[] = [];
    for (const [id, m] of this.#pending) {
      const row = this.#rowOf(id);
      if (row === undefined || staysIn(row, m)) continue;
      (row < FIRST_ASLEEP ? free : gone).push(row);
    }
    const placed: [number, number][] = [];
    let next = this.#nextRow;
    let nextAsleep = this.#nextAsleep;
    for (const [id, m] of this.#pending) {
      if (m === "deleted") continue;
      const known = this.#rowOf(id);
      const row = known !== undefined && staysIn(known, m) ? known : m.asleep ? nextAsleep++ : (free.pop() ?? next++);
      add(batch, "putMessage", row, m.queue, printEnvelope(m.envelope), m.visibleAtMs, m.receives);
      placed.push([id, row]);
    }
    for (const [first, last] of inRuns([...free, ...gone])) add(batch, "deleteMessages", first, last);
    this.#printed = this.#pending;
    this.#placed = placed;
    this.#pending = new Map();
  }

  committed(): void {
    for (const [id, m] of this.#printed) if (m === "deleted") this.#rows.delete(id);
    for (const [id, row] of this.#placed) {
      this.#rows.set(id, row);
      if (row < FIRST_ASLEEP) this.#nextRow = Math.max(this.#nextRow, row + 1);
      else this.#nextAsleep = Math.max(this.#nextAsleep, row + 1);
    }
    this.#printed = new Map();
  }

  failed(): void {
    this.#pending = new Map([...this.#printed, ...this.#pending]);
    this.#printed = new Map();
  }

  #rowOf(id: number): number | undefined {
    return this.#rows.get(id) ?? (id < 0 ? -id : undefined);
  }
}

/** Rows one after another, so that many are deleted by one statement. */
function inRuns(rows: readonly number[]): readonly (readonly [first: number, last: number])[] {
  const runs: [number, number][] = [];
  for (const row of rows.toSorted((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && last[1] === row - 1) last[1] = row;
    else runs.push([row, row]);
  }
  return runs;
}

const staysIn = (row: number, message: StoredMessage | "deleted"): boolean =>
  message !== "deleted" && (message.asleep ?? false) === row >= FIRST_ASLEEP;

function parseRows(rows: readonly MessageRow[]): Loaded {
  const messages: StoredMessage[] = [];
  const unreadable: (DeadLetter & { id: number })[] = [];
  for (const { row, queue, body, visible_at: visibleAtMs, receives } of rows) {
    const id = -row;
    try {
      const envelope = parseEnvelope(textOf(body));
      messages.push({ id, queue, envelope, visibleAtMs, receives, sentAtMs: Date.now() });
    } catch (error) {
      unreadable.push({ id, queue, body: showStored(body), reason: messageOf(error), atMs: visibleAtMs });
    }
  }
  return { messages, unreadable };
}

interface MessageRow {
  readonly row: number;
  readonly queue: string;
  readonly body: StoredBody;
  readonly visible_at: number;
  readonly receives: number;
}
