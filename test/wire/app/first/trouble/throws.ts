import { implement } from "pawl/node";
import { firstTime } from "../first-time.ts";
import { throws } from "./contracts.ts";

export const handler = implement(throws, ({ marker }, step) => {
  if (firstTime(marker)) throw new Error("not at the first time");
  return `attempt ${step.attempt}`;
});
