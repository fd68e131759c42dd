import { workflow } from "pawl";
import { Baton, begin, charge, ship, weigh } from "./contracts.ts";

export const relay = workflow("relay", { input: Baton })
  .task(begin)
  .task(weigh)
  .task(charge)
  .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.receipt }) })
  .output((s) => `first: ${s.ship}`);
