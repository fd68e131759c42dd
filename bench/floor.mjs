// The floor: the least that an embedded engine on SQLite can do and still be durable and resumable. No product: no
// retries, timers, leases or isolation. One insert a step, committed with whatever else finished in the same turn.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { work } from "./step.mjs";

let db;
let insert;
let waiting = [];

function commit() {
  const batch = waiting;
  waiting = [];
  db.exec("begin immediate");
  for (const { row } of batch) insert.run(...row);
  db.exec("commit");
  for (const { resolve } of batch) resolve();
}
const durably = (row) =>
  new Promise((resolve) => {
    if (waiting.push({ row, resolve }) === 1) setImmediate(commit);
  });

async function step(id, i, input) {
  const output = await work(input, id, i);
  await durably([id, i, JSON.stringify(output)]);
  return output;
}

export default {
  name: "SQLite floor",
  durability: "SQLite WAL, synchronous=FULL",
  async startWorker({ dir }) {
    mkdirSync(dir, { recursive: true });
    db = new DatabaseSync(join(dir, "floor.db"));
    db.exec("pragma journal_mode=wal; pragma synchronous=full");
    db.exec("create table step(id text, i integer, output text, primary key(id, i)) without rowid");
    insert = db.prepare("insert into step values (?, ?, ?)");
  },
  async runChain(id, n, payload) {
    await durably([id, -1, JSON.stringify(payload)]);
    let value = payload;
    for (let i = 0; i < n; i++) value = await step(id, i, value);
    return value;
  },
  async runFanout(id, n, payload) {
    await durably([id, -1, JSON.stringify(payload)]);
    const all = await Promise.all(Array.from({ length: n }, (_, i) => step(id, i, payload)));
    return all.filter((p) => p.counter === 1).length;
  },
  async stopWorker() {
    db.close();
  },
};
