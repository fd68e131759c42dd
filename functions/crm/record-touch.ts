/** Keeps what was said to a customer about an order, and through which channel. One record for each order. */
import { implement } from "pawl/node";
import { recordTouch } from "./contracts.ts";

export const handler = implement(recordTouch, async (input, step) => {
  const channel = input.message === null ? "none" : "email";
  const touch = {
    touchId: `touch-${input.orderId}`,
    channel,
    summary: input.message?.subject ?? "the customer wants no messages",
  } as const;
  step.log("touch recorded", { ...touch, customerId: input.customerId, points: input.points });
  return touch;
});
