/** The next version: `check` is new, `charge` is `payCard` now, `weigh` is gone. */
import { workflow } from "pawl";
import { Baton, check, go, payCard, proceed, ship, weigh } from "./contracts.ts";

/** @param mapped false: without what executions of the first version need, which must not be deployed */
const made = (mapped: boolean) =>
  workflow("relay", {
    input: Baton,
    ...(mapped && {
      retired: {
        nodes: { weigh, charge: payCard },
        slots: {
          "charge.input": (s) => s.weigh,
          "ship.input": (s) => ({ to: s.input.id, receipt: s.charge.receipt }),
        },
      },
    }),
  })
    .waitFor(go)
    .task(check)
    .waitFor(proceed)
    .task(payCard, { input: (s) => ({ grams: s.check.weight }) })
    .task(ship, { input: (s) => ({ to: s.input.id, receipt: s.payCard.receipt }) })
    .output((s) => `second: ${s.ship}, ${s.proceed.by}`);

export const relay = made(true);
export const unmapped = () => made(false);
