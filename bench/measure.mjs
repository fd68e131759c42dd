// Measures one engine in a process of its own and prints one JSON object: node bench/measure.mjs MODULE DIR
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { payload } from "./step.mjs";

const [, , module, dir] = process.argv;
const { default: peer } = await import(pathToFileURL(resolve(module)).href);
const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const now = () => performance.now();

async function chain(id, n) {
  const out = await peer.runChain(id, n, payload(id));
  if (out?.counter !== n || out.id !== id) throw new Error(`${id} came back as ${JSON.stringify(out)?.slice(0, 100)}`);
}

async function manyChains(prefix, count) {
  let next = 0;
  const begun = now();
  const lane = async () => {
    while (next < count) await chain(`${prefix}${next++}`, 10);
  };
  await Promise.all(Array.from({ length: 64 }, lane));
  return (10_000 * count) / (now() - begun);
}

async function oneChain() {
  const times = [];
  for (let k = 0; k < 60; k++) {
    const begun = now();
    await chain(`one${k}`, 10);
    if (k >= 10) times.push(now() - begun);
  }
  return median(times);
}

/** Time of the last 50 steps of 200 against the first 50. */
async function growth() {
  globalThis.__marks = new Map();
  const ratios = [];
  for (let k = 0; k < 9; k++) {
    const marks = [];
    globalThis.__marks.set(`long${k}`, marks);
    await chain(`long${k}`, 200);
    ratios.push((marks[199] - marks[149]) / (marks[50] - marks[0]));
  }
  globalThis.__marks = undefined;
  return median(ratios);
}

async function fanout() {
  const times = [];
  for (let k = 0; k < 12; k++) {
    const begun = now();
    const count = await peer.runFanout(`fan${k}`, 100, payload(`fan${k}`));
    if (count !== 100) throw new Error(`a fan of 100 joined ${count}`);
    if (k >= 2) times.push(now() - begun);
  }
  return median(times);
}

await peer.startWorker({ dir });
await manyChains("warm", 150);
const result = {
  stepsPerSec: await manyChains("c", 1000),
  chain10P50Ms: await oneChain(),
  perStepGrowth: await growth(),
  fanout100Ms: await fanout(),
};
await peer.stopWorker();
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exit(0);
