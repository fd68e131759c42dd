import { setTimeout as sleep } from "node:timers/promises";
import { implement } from "pawl/node";
import { slow } from "./contracts.ts";

export const handler = implement(slow, async (_, step) => {
  await sleep(1500, undefined, { signal: step.signal });
  return "slow";
});
