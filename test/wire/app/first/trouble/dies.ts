import { implement } from "pawl/node";
import { firstTime } from "../first-time.ts";
import { dies } from "./contracts.ts";

export const handler = implement(dies, ({ marker }) => {
  if (firstTime(marker)) process.exit(1);
  return "came back";
});
