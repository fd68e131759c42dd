/** What was written and is not on disk yet. Reads see it; a thing that is written twice is there once. */

import type { SQLInputValue } from "node:sqlite";
import type { Header, LogRecord } from "../../kernel/record.ts";
import type { ItemWrite } from "../single-process/items/apply-actions.ts";
import { add, type Batch, type Write } from "./batch.ts";

export interface RecordWrite {
  readonly execution: string;
  readonly key: string;
  /** Undefined: deleted. */
  readonly record: LogRecord | undefined;
}
export interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Unwritten {
  readonly records = new Map<string, RecordWrite>();
  readonly headers = new Map<string, Header>();
  readonly items = new Map<string, ItemWrite>();
  readonly others: (readonly [Write, ...SQLInputValue[]])[] = [];
  readonly callbacks: (() => void)[] = [];
  readonly syncs: Waiting[] = [];

  /** Nor does anybody wait. */
  get isEmpty(): boolean {
    const written = this.records.size + this.headers.size + this.items.size + this.others.length;
    return written + this.callbacks.length + this.syncs.length === 0;
  }

  /** How many it is about. */
  get executions(): number {
    const all = new Set<string>();
    for (const { execution } of this.records.values()) all.add(execution);
    return all.size;
  }

  /** @returns how long each record is as JSON */
  printInto(batch: Batch): ReadonlyMap<string, number> {
    const chars = new Map<string, number>();
    for (const [write, ...values] of this.others) add(batch, write, ...values);
    for (const [execution, h] of this.headers)
      add(batch, "putHeader", execution, h.workflow, h.status, h.startedAtMs, JSON.stringify(h));
    for (const [id, { execution, key, record }] of this.records) {
      if (record) {
        const json = JSON.stringify(record);
        chars.set(id, json.length);
        add(batch, "putRecord", execution, key, json);
      } else add(batch, "deleteRecord", execution, key);
    }
    for (const { table, key, item } of this.items.values()) {
      if (item) add(batch, "putItem", table, key, JSON.stringify(item));
      else add(batch, "deleteItem", table, key);
    }
    return chars;
  }

  /** This, and what was written after it. */
  followedBy(later: Unwritten): Unwritten {
    const both = new Unwritten();
    for (const part of [this, later]) {
      for (const [id, write] of part.records) both.records.set(id, write);
      for (const [execution, header] of part.headers) both.headers.set(execution, header);
      for (const [id, write] of part.items) both.items.set(id, write);
      both.others.push(...part.others);
      both.callbacks.push(...part.callbacks);
      both.syncs.push(...part.syncs);
    }
    return both;
  }
}
