// The floor: the least that an embedded engine on SQLite can do and still be durable and resumable. No product: no
// retries, timers, leases or isolation. One insert a step, committed with whatever else finished in the same turn.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { work } from "./step.mjs";

let db;
let sql;
let waiting = [];
const running = new Map();

function commit() {
  const batch = waiting;
  waiting = [];
  db.exec("begin immediate");
  for (const { statement, row } of batch) statement.run(...row);
  db.exec("commit");
  for (const { resolve } of batch) resolve();
}
const durably = (statement, ...row) =>
  new Promise((resolve) => {
    if (waiting.push({ statement, row, resolve }) === 1) setImmediate(commit);
  });

async function step({ id, done }, i, input) {
  if (done.has(i)) return done.get(i);
  const output = await work(input, id, i);
  await durably(sql.step, id, i, JSON.stringify(output));
  return output;
}
async function execute(run) {
  const { n, fan } = run;
  let output = run.payload;
  if (fan) {
    const all = await Promise.all(Array.from({ length: n }, (_, i) => step(run, i, run.payload)));
    output = all.filter((p) => p.counter === 1).length;
  } else for (let i = 0; i < n; i++) output = await step(run, i, output);
  await durably(sql.end, JSON.stringify(output), run.id);
  return output;
}
async function submit(id, n, payload, fan) {
  await durably(sql.start, id, n, fan, JSON.stringify(payload));
  running.set(id, execute({ id, n, fan, payload, done: new Map() }));
}
async function result(id) {
  const output = await running.get(id);
  running.delete(id);
  return output;
}
function resume() {
  for (const { id, n, fan, input } of db.prepare("select * from run where output is null").all()) {
    const rows = db.prepare("select i, output from step where id = ?").all(id);
    const done = new Map(rows.map(({ i, output }) => [i, JSON.parse(output)]));
    running.set(id, execute({ id, n, fan, payload: JSON.parse(input), done }));
  }
  for (const { id, output } of db.prepare("select id, output from run where output is not null").all())
    running.set(id, Promise.resolve(JSON.parse(output)));
}

export default {
  name: "SQLite floor",
  durability: "SQLite WAL, synchronous=FULL",
  async startWorker({ dir }) {
    mkdirSync(dir, { recursive: true });
    db = new DatabaseSync(join(dir, "floor.db"));
    db.exec("pragma journal_mode=wal; pragma synchronous=full");
    db.exec(`
      create table if not exists run(id text primary key, n integer, fan integer, input text, output text) without rowid;
      create table if not exists step(id text, i integer, output text, primary key(id, i)) without rowid;
    `);
    sql = {
      start: db.prepare("insert into run values (?, ?, ?, ?, null)"),
      step: db.prepare("insert into step values (?, ?, ?)"),
      end: db.prepare("update run set output = ? where id = ?"),
    };
    resume();
  },
  async runChain(id, n, payload) {
    await submit(id, n, payload, 0);
    return result(id);
  },
  async runFanout(id, n, payload) {
    await submit(id, n, payload, 1);
    return result(id);
  },
  submitChain: (id, n, payload) => submit(id, n, payload, 0),
  awaitChain: result,
  async stopWorker() {
    db.close();
  },
};
