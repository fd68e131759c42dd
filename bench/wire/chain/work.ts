import { implement } from "pawl/node";
import { work } from "./contracts.ts";

export const handler = implement(work, (input) => {
  if (process.env.BENCH_FIRST_LINE) process.stdout.write(`${Date.now()}\n`);
  return input;
});
