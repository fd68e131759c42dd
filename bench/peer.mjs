// Pawl's embedded engine in the form that a benchmark of workflow engines drives: chains of n steps, fans of n steps.
// The step's body comes from the harness: $BENCH_HOME/src/step.mjs, or our own beside this file.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { node, workflow } from "pawl";
import { openEngine } from "pawl/local";
import { implement } from "pawl/node";
import { z } from "zod";

const theirs = join(process.env.BENCH_HOME ?? "", "src", "step.mjs");
const step = process.env.BENCH_HOME && existsSync(theirs) ? pathToFileURL(theirs).href : "./step.mjs";
const { work } = await import(step);

const Payload = z.object({ id: z.string(), counter: z.number(), data: z.string() });
const worker = node("worker", { input: Payload, output: Payload, timeout: "10 minutes" });
const handlers = { worker: implement(worker, (input) => work(input, input.id, input.counter)) };

const chainOf = (n) => {
  let chain = workflow(`chain${n}`, { input: Payload });
  for (let i = 0; i < n; i++) chain = chain.task(worker.as(`s${i}`));
  return chain;
};
const Fan = z.object({ n: z.number(), payload: Payload });
const fan = workflow("fan", { input: Fan })
  .map("all", {
    over: (s) => Array.from({ length: s.input.n }, () => s.input.payload),
    each: (b) => b.task(worker),
    concurrency: 1000,
  })
  .output((s) => s.all.filter((p) => p.counter === 1).length);

let engine;
const known = new Set();
async function chain(n) {
  const name = `chain${n}`;
  if (!known.has(n)) {
    known.add(n);
    await engine.add(chainOf(n).program);
  }
  return name;
}
async function ended(workflow, id) {
  const { status, output, error } = await engine.result({ workflow, id });
  if (status !== "succeeded") throw new Error(`${workflow}/${id} ${status}: ${JSON.stringify(error)}`);
  return output;
}

export default {
  name: "pawl",
  version: "0.1.0",
  durability: "SQLite WAL, synchronous=FULL",
  persisted: "yes",
  notes: "embedded engine, handlers in its process",
  async setup() {},
  async startWorker({ dir }) {
    const sizes = [10, 200];
    for (const n of sizes) known.add(n);
    engine = await openEngine({
      folder: dir,
      workflows: [...sizes.map((n) => ({ workflow: chainOf(n), handlers })), { workflow: fan, handlers }],
    });
  },
  async stopWorker() {
    await engine.stop();
  },
  async runChain(id, n, payload) {
    const workflow = await chain(n);
    await engine.start(workflow, { id, input: payload });
    return ended(workflow, id);
  },
  async runFanout(id, n, payload) {
    await engine.start("fan", { id, input: { n, payload } });
    return ended("fan", id);
  },
  async submitChain(id, n, payload) {
    await engine.start(await chain(n), { id, input: payload });
  },
  async awaitChain(id) {
    return ended("chain10", id);
  },
  async teardown() {},
};
