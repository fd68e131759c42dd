/** Tables and statements of the data folder's file. A body is text or, when it is long, a blob: `stored-body.ts`. */

/**
 * Messages that are asleep have rows from here on. Only they are in the index by time, so that it costs nothing to those
 * that are delivered at once.
 */
export const FIRST_ASLEEP = 2 ** 40;

export const SCHEMA = `
  create table if not exists record(
    id integer primary key, execution text not null, key text not null, body text not null, unique(execution, key)
  );
  create table if not exists execution(
    execution text primary key, workflow text not null, status text not null, started_at integer not null, body text not null
  ) without rowid;
  create index if not exists execution_by_start on execution(started_at, execution);
  create index if not exists execution_by_status on execution(workflow, status, started_at);
  create table if not exists message(
    row integer primary key, queue text not null, body text not null, visible_at integer not null, receives integer not null
  );
  create index if not exists message_asleep on message(visible_at) where row >= ${FIRST_ASLEEP};
  create table if not exists dead_letter(
    id integer primary key, queue text not null, body text not null, reason text not null, at integer not null
  );
  create table if not exists item(
    name text not null, key text not null, body text not null, primary key(name, key)
  ) without rowid;
  create table if not exists graph(hash text primary key, body text not null) without rowid;
`;

export const STATEMENTS = {
  header: "select body from execution where execution = ?",
  putHeader: `insert into execution values (?, ?, ?, ?, ?)
    on conflict(execution) do update set status = excluded.status, body = excluded.body`,
  executions: `select body from execution
    where (:workflow is null or workflow = :workflow) and (:status is null or status = :status)
      and (started_at, execution) < (:startedAtMs, :execution)
    order by started_at desc, execution desc limit :limit`,
  record: "select body from record where execution = ? and key = ?",
  records: "select key, body from record where execution = ?",
  putRecord:
    "insert into record(execution, key, body) values (?, ?, ?) on conflict(execution, key) do update set body = excluded.body",
  deleteRecord: "delete from record where execution = ? and key = ?",
  item: "select body from item where name = ? and key = ?",
  items: "select body from item where name = ? order by key",
  putItem: "insert or replace into item values (?, ?, ?)",
  deleteItem: "delete from item where name = ? and key = ?",
  graph: "select body from graph where hash = ?",
  putGraph: "insert into graph values (?, ?) on conflict do nothing",
  messages: `select row, queue, body, visible_at, receives from message where row < ${FIRST_ASLEEP} order by visible_at, row`,
  asleep: `select row, queue, body, visible_at, receives from message indexed by message_asleep
    where row >= ${FIRST_ASLEEP} and visible_at > :afterMs and visible_at <= :untilMs order by visible_at`,
  /** When that one is due, counted from the first due later than a time. */
  dueMs: `select visible_at from message indexed by message_asleep
    where row >= ${FIRST_ASLEEP} and visible_at > :afterMs order by visible_at limit 1 offset :after`,
  lastRow: "select max(row) as row from message",
  putMessage: "insert or replace into message values (?, ?, ?, ?, ?)",
  deleteMessages: "delete from message where row between ? and ?",
  bury: "insert into dead_letter(queue, body, reason, at) values (?, ?, ?, ?)",
  deadLetters: "select queue, body, reason, at from dead_letter order by id",
} as const;
export type StatementName = keyof typeof STATEMENTS;
