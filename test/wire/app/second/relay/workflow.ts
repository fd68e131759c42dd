/** The next version: `check` is new, `charge` is `payCard` now, `weigh` is gone. */
import { workflow } from "pawl";
import { Baton, begin, check, payCard, ship, weigh } from "./contracts.ts";

/** @param mapped false: without what executions of the first version need, which must not be deployed */
const made = (mapped: boolean) =>
  workflow("relay", {
    input: Baton,
    ...(mapped && {
      retired: {
        nodes: { weigh, charge: payCard },
        slots: { "ship.input": (s) => ({ to: s.input.id, receipt: s.charge.receipt }) },
      },
    }),
  })
    .task(begin)
    .task(check)
    .task(payCard)
    .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.payCard.receipt }) })
    .output((s) => `second: ${s.ship}`);

export const relay = made(true);
export const unmapped = () => made(false);
