import { implement } from "pawl/node";
import { ship } from "./contracts.ts";

export const handler = implement(ship, async ({ to, receipt }) => `${to}, ${receipt}`);
