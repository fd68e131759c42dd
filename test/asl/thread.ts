/** Runs cases, and tells of each. */
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import type { FoundCase } from "./cases-in.ts";
import { embedded, type Outcome, type Place, runCase } from "./run-case.ts";
import type { Job, Told } from "./run-cases.ts";

const { cases, lanes, mostMs, endpoint } = workerData as Job; // as `runCases` gives it
const tell = (told: Told) => parentPort?.postMessage(told);

async function placed(): Promise<Place> {
  if (endpoint === undefined) return embedded;
  const { onAws } = await import("./on-aws.ts");
  return onAws(endpoint);
}

async function outcomeOf(one: FoundCase, place: Place): Promise<Outcome> {
  if ("problem" in one) return { result: "failed", reason: one.problem };
  const ends = new AbortController();
  const late = async (): Promise<Outcome> => {
    await sleep(mostMs, undefined, { signal: ends.signal });
    return { result: "failed", reason: `it has not ended after ${mostMs / 1000} s` };
  };
  try {
    return await Promise.race([runCase(one.case, place), late()]);
  } catch (error) {
    return { result: "failed", reason: `it cannot be run: ${String(error)}` };
  } finally {
    ends.abort();
  }
}

const alive = setInterval(() => tell(null), 1000);
const place = await placed();
let next = 0;
const lane = async () => {
  for (let at = next++; at < cases.length; at = next++) {
    tell({ begun: at });
    tell({ ended: at, outcome: await outcomeOf(cases[at] as FoundCase, place) });
  }
};
await Promise.all(Array.from({ length: lanes }, lane));
clearInterval(alive);
// What a case that is late has left behind would go on.
process.exit();
