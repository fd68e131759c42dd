/** Orders at the supplier. The same key gives the same number. */
import { createHash } from "node:crypto";
import { implement } from "pawl/node";
import { place } from "./contracts.ts";

export const handler = implement(place, ({ supplier, cents }, step) => {
  const number = createHash("sha256").update(step.idempotencyKey).digest().readUInt32BE(0) % 1_000_000;
  step.log("ordered", { supplier, cents });
  return { orderNumber: `PO-${String(number).padStart(6, "0")}` };
});
