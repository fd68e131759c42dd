/** What one transaction writes: gathered in one thread, carried out there or in another. */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { STATEMENTS } from "./schema.ts";
import { printStored } from "./stored-body.ts";

const WRITES = [
  "putGraph",
  "putHeader",
  "putRecord",
  "deleteRecord",
  "putItem",
  "deleteItem",
  "putMessage",
  "deleteMessages",
  "bury",
] as const;
export type Write = (typeof WRITES)[number];
const WIDTHS = Object.fromEntries(WRITES.map((write) => [write, STATEMENTS[write].split("?").length - 1])) as Readonly<
  Record<Write, number>
>;

/** Where a row has its body: JSON, which is put on disk as `stored-body.ts` has it. */
const BODIES: Readonly<Partial<Record<Write, number>>> = {
  ...{ putGraph: 1, putHeader: 4, putRecord: 2, putItem: 2, putMessage: 2, bury: 1 },
};

/** The values of each statement, row after row. Rows of one batch never touch the same thing twice. */
export type Batch = Partial<Record<Write, SQLInputValue[]>>;

export function add(batch: Batch, write: Write, ...values: readonly SQLInputValue[]): void {
  const rows = batch[write];
  if (rows) rows.push(...values);
  else batch[write] = [...values];
}

export type WriteStatements = Readonly<Record<Write, StatementSync>>;
export const prepareWrites = (db: DatabaseSync): WriteStatements =>
  Object.fromEntries(WRITES.map((write) => [write, db.prepare(STATEMENTS[write])])) as Record<Write, StatementSync>;

/** All of it or nothing. */
export function commit(db: DatabaseSync, statements: WriteStatements, batch: Batch): void {
  db.exec("begin immediate");
  try {
    for (const [write, values] of Object.entries(batch)) {
      const statement = statements[write as Write];
      const width = WIDTHS[write as Write];
      const body = BODIES[write as Write];
      for (let at = 0; at < values.length; at += width) {
        const row = values.slice(at, at + width);
        if (body !== undefined) row[body] = printStored(row[body] as string); // by `BODIES`
        statement.run(...row);
      }
    }
    db.exec("commit");
  } catch (error) {
    if (db.isTransaction) db.exec("rollback");
    throw error;
  }
}
