/**
 * Pays back the charge of an order that comes to nothing. A gateway finds a charge by the idempotency key that it was made
 * under, so it is found here as well where no receipt tells of it.
 */
import { implement } from "pawl/node";
import { refund } from "./contracts.ts";

export const handler = implement(refund, (receipt, step) => {
  step.log("paid back", { charge: receipt?.chargeId ?? step.undoes?.idempotencyKey ?? null });
  return null;
});
