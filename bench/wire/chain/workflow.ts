import { workflow } from "pawl";
import { Text, work } from "./contracts.ts";

/** Ten steps, each by way of its queue. */
export const chain = workflow("chain", { input: Text })
  .task(work)
  .task(work.as("w2"))
  .task(work.as("w3"))
  .task(work.as("w4"))
  .task(work.as("w5"))
  .task(work.as("w6"))
  .task(work.as("w7"))
  .task(work.as("w8"))
  .task(work.as("w9"))
  .task(work.as("w10"));
