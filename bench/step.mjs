// The step that every engine runs, and the payload that goes through it: about 1 KB of JSON, the same for the same id.
// BENCH_STEP_MS: how long a step takes. BENCH_STEP_LOG: a file that tells of each step's begin (S) and end (E).
import { openSync, writeSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const log = process.env.BENCH_STEP_LOG === undefined ? undefined : openSync(process.env.BENCH_STEP_LOG, "a");
const ms = Number(process.env.BENCH_STEP_MS ?? 0);

export async function work(payload, id, i) {
  const marks = globalThis.__marks?.get(id);
  if (marks) marks[i] = performance.now();
  if (log !== undefined) writeSync(log, `S ${id} ${i}\n`);
  if (ms > 0) await sleep(ms);
  if (log !== undefined) writeSync(log, `E ${id} ${i}\n`);
  return { ...payload, counter: payload.counter + 1 };
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
export function payload(id) {
  let seed = 7;
  for (const c of id) seed = (Math.imul(seed, 31) + c.charCodeAt(0)) | 0;
  let data = "";
  for (let k = 0; k < 960; k++) {
    seed = (Math.imul(seed, 1103515245) + 12345) | 0;
    data += ALPHABET[(seed >>> 16) & 63];
  }
  return { id, counter: 0, data };
}
