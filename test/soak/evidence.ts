/**
 * What a soak has to go by, and none of it is the engine's word: lines that handlers wrote as they began, triggers in
 * the data folder's file that see a settled step changed or removed, and the steps that stood there as settled when a
 * process had been killed.
 */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { LocalStore } from "../../lib/adapters/local/store.ts";
import { keyAt } from "../../lib/kernel/generation.ts";
import type { Header, StepRecord } from "../../lib/kernel/record.ts";
import { dataFolder, type Life, linesOf } from "./life.ts";

type Place = Pick<Life, "folder">;
const databaseOf = (of: Place): string => join(dataFolder(of), "pawl.db");
const settled = (row: string): string => `${row}.key like 'step/%' and ${row}.body ->> '$.status' = 'settled'`;

/** Before the first life. The triggers write in the same transaction as whoever sets them off. */
export function layTriggers(of: Place): void {
  new LocalStore(dataFolder(of)).close();
  const db = new DatabaseSync(databaseOf(of));
  db.exec(`
    create table soak_rewritten(execution text not null, key text not null);
    create trigger soak_changed before update on record when ${settled("old")}
      begin insert into soak_rewritten values (old.execution, old.key); end;
    create trigger soak_removed before delete on record when ${settled("old")}
      begin insert into soak_rewritten values (old.execution, old.key); end;
  `);
  db.close();
}

/** A handler that began. */
export interface Run {
  readonly life: number;
  readonly path: string;
  readonly answer: string;
  /** The answers that it was given. */
  readonly given: readonly string[];
}
/** All that is known of one execution. */
export interface Evidence {
  readonly header: Header;
  /** By path, each in its newest generation. */
  readonly steps: ReadonlyMap<string, StepRecord>;
  /** In the order in which they began. */
  readonly runs: readonly Run[];
  /**
   * Steps that were settled on disk when a life had ended, with the first such life. Of an execution that was redriven
   * only those that had an output: what failed or was closed is done over.
   */
  readonly standing: ReadonlyMap<string, number>;
  /** Steps whose settled record was written again, or removed. */
  readonly rewritten: readonly string[];
}

export class EvidenceBook {
  readonly #of: Place;
  readonly #db: DatabaseSync;
  readonly #putStanding: StatementSync;

  constructor(of: Place) {
    this.#of = of;
    this.#db = new DatabaseSync(join(of.folder, "evidence.db"));
    this.#db.exec(`
      pragma journal_mode=off; pragma synchronous=off;
      create table run(n integer primary key, life integer, execution text, path text, answer text, given text);
      create table standing(execution text, path text, life integer, primary key(execution, path)) without rowid;
    `);
    this.#putStanding = this.#db.prepare("insert or ignore into standing values (?, ?, ?)");
  }

  /** After a life has ended: which steps of those executions are settled on disk. */
  lookAt(executions: readonly string[], life: number): void {
    const db = new DatabaseSync(databaseOf(this.#of), { readOnly: true });
    const keys = db.prepare(`select substr(key, 6) as path from record where execution = ? and ${settled("record")}`);
    this.#db.exec("begin");
    for (const execution of executions)
      for (const row of keys.all(execution)) this.#putStanding.run(execution, row.path as string, life);
    this.#db.exec("commit");
    db.close();
  }

  /** `ok`, or what SQLite finds wrong with the file. */
  integrity(): string {
    const db = new DatabaseSync(databaseOf(this.#of), { readOnly: true });
    const rows = db.prepare("pragma integrity_check").all();
    db.close();
    return rows.map((row) => row.integrity_check).join("; ");
  }

  /** At the end. One execution after the other, so that memory does not grow with their number. */
  async *executions(): AsyncGenerator<Evidence> {
    await this.#takeInJournal();
    const data = new DatabaseSync(databaseOf(this.#of), { readOnly: true });
    const headers = data.prepare("select execution, body from execution");
    const records = data.prepare(
      "select substr(key, 6) as place, body from record where execution = ? and key like 'step/%'",
    );
    const rewritten = data.prepare("select distinct substr(key, 6) as path from soak_rewritten where execution = ?");
    const runs = this.#db.prepare("select life, path, answer, given from run where execution = ? order by n");
    const standing = this.#db.prepare("select path as place, life from standing where execution = ?");
    for (const row of headers.iterate()) {
      const execution = row.execution as string;
      const header = JSON.parse(row.body as string) as Header;
      const placed = new Map(
        records.all(execution).map((r) => [r.place as string, JSON.parse(r.body as string) as StepRecord] as const),
      );
      const stands = (place: string) => header.epoch === 0 || placed.get(place)?.output !== undefined;
      const began = runs.all(execution) as unknown as (Omit<Run, "given"> & { given: string })[];
      yield {
        header,
        steps: newest(placed),
        runs: began.map((run) => ({ ...run, given: run.given.split("+") })),
        standing: new Map(
          standing
            .all(execution)
            .filter((r) => stands(r.place as string))
            .map((r) => [keyAt(r.place as string), r.life as number]),
        ),
        rewritten: rewritten.all(execution).map((r) => keyAt(r.path as string)),
      };
    }
    data.close();
  }

  /** Executions that handlers ran for. To be asked after `executions`. */
  ran(): readonly string[] {
    return this.#db
      .prepare("select distinct execution from run")
      .all()
      .map((row) => row.execution as string);
  }

  close(): void {
    this.#db.close();
  }

  async #takeInJournal(): Promise<void> {
    const put = this.#db.prepare("insert into run(life, execution, path, answer, given) values (?, ?, ?, ?, ?)");
    this.#db.exec("begin");
    for await (const line of createInterface(createReadStream(join(this.#of.folder, "journal")))) {
      const [life = "", execution = "", path = "", answer = "", given = ""] = line.split(" ");
      put.run(Number(life), execution, path, answer, given);
    }
    this.#db.exec("create index run_of on run(execution, n); commit");
  }
}

/** A later generation's record of a step takes the place of an earlier one's. */
function newest(placed: ReadonlyMap<string, StepRecord>): ReadonlyMap<string, StepRecord> {
  const epochOf = (place: string) => Number(/@(\d+)$/.exec(place)?.[1] ?? 0);
  const oldestFirst = [...placed].sort(([a], [b]) => epochOf(a) - epochOf(b));
  return new Map(oldestFirst.map(([place, step]) => [keyAt(place), step]));
}

export const acceptedOf = (of: Place): readonly string[] => linesOf(of, "accepted");
