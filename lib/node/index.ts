/**
 * `pawl/node`: a node's handler.
 *
 * @example
 * export const handler = implement(charge, async (input, step) => {
 *   if (declined(input.card)) step.fail("CardDeclined", { reason: "limit" });
 *   return { chargeId: await gateway.charge(input.cents, step.idempotencyKey) };
 * });
 */
export { type Handler, type HandlerOptions, implement, type Step } from "./implement.ts";
