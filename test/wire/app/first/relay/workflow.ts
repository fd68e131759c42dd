import { workflow } from "pawl";
import { Baton, charge, go, proceed, ship, weigh } from "./contracts.ts";

export const relay = workflow("relay", { input: Baton })
  .waitFor(go)
  .task(weigh)
  .waitFor(proceed)
  .task(charge, { input: (s) => s.weigh })
  .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.charge.receipt }) })
  .output((s) => `first: ${s.ship}, ${s.proceed.by}`);
