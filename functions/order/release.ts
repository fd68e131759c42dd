/**
 * Gives back the goods of an order that comes to nothing. A reservation of which only the key is known is looked for by
 * it, and there may be none: to give back nothing is fine, and so is to do it twice.
 */
import { implement } from "pawl/node";
import { release } from "./contracts.ts";

export const handler = implement(release, (reservation, step) => {
  step.log("given back", { reservation: reservation?.reservationId ?? step.undoes?.idempotencyKey ?? null });
  return null;
});
