/**
 * `pawl/node`: a node's handler.
 *
 * @example
 * export const handler = implement(charge, async (input, step) => {
 *   if (declined(input.card)) step.fail("CardDeclined", { reason: "limit" });
 *   const chargeId = await step.memo("gateway", () => gateway.charge(input.cents, step.idempotencyKey));
 *   step.transact({ Put: { TableName: "ledger", Item: { pk: chargeId, cents: input.cents } } });
 *   return { chargeId };
 * });
 */
export type { HandedOut } from "../contract/callback.ts";
export type {
  TransactAction,
  TransactConditionCheck,
  TransactDelete,
  TransactKey,
  TransactPut,
  TransactTarget,
  TransactUpdate,
} from "../contract/transact-action.ts";
export {
  type CallbackOptions,
  type Handler,
  type HandlerOptions,
  implement,
  type Step,
  type UndoneStep,
} from "./implement.ts";
