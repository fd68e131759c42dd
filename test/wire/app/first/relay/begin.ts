import { setTimeout as sleep } from "node:timers/promises";
import { implement } from "pawl/node";
import { begin } from "./contracts.ts";

export const handler = implement(begin, async (input) => {
  await sleep(2_000); // time to be paused in
  return input;
});
