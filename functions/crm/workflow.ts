/** What follows a shipped order: score the customer's loyalty, write to them in the tone of their tier, keep a record. */
import { workflow } from "pawl";
import { orderShipped, Shipped } from "../order/contracts.ts";
import { draft, lookUp, type Offer, pickGift, recordTouch, scoreLoyalty } from "./contracts.ts";

export const crm = workflow("crm", { input: Shipped, on: orderShipped.by((e) => e.data.orderId) })
  .task(lookUp, { input: (s) => ({ customerId: s.input.customerId, country: s.input.country }) })
  .task(scoreLoyalty, {
    input: (s) => ({
      orders: s.lookUp.orders,
      spentCents: s.lookUp.spentCents,
      orderCents: s.input.totalCents,
    }),
  })
  .choice("contact", (s) => (s.lookUp.mayContact ? "allowed" : "refused"), {
    allowed: (b) => b,
    refused: (b) =>
      b
        .task(recordTouch.as("recordSilence"), {
          input: (s) => ({
            customerId: s.input.customerId,
            orderId: s.input.orderId,
            points: s.scoreLoyalty.points,
            message: null,
          }),
        })
        .succeed((s) => ({ touchId: s.recordSilence.touchId, tier: s.scoreLoyalty.tier })),
  })
  .block("message", (b) =>
    b
      .match("offer", "tier", (s) => s.scoreLoyalty, {
        gold: (g) => g.task(pickGift),
        silver: (v) => v.set("voucher", (): Offer => ({ kind: "voucher", cents: 500 })),
        bronze: (z) => z.set("progress", (s): Offer => ({ kind: "progress", points: s.scoreLoyalty.toNext })),
      })
      .task(draft, {
        input: (s) => ({
          language: s.lookUp.language,
          name: s.input.name,
          tracking: s.input.tracking,
          deliveryDays: s.input.deliveryDays,
          offer: s.offer.output,
        }),
      }),
  )
  .task(recordTouch, {
    input: (s) => ({
      customerId: s.input.customerId,
      orderId: s.input.orderId,
      points: s.scoreLoyalty.points,
      message: s.message,
    }),
  })
  .output((s) => ({ touchId: s.recordTouch.touchId, tier: s.scoreLoyalty.tier }));
