/**
 * An order from the shop: reserve the goods, charge and screen at once, pack every line, ship. What looks like fraud waits for
 * a person. An order that comes to nothing gives back the money and the goods.
 */
import { workflow } from "pawl";
import {
  charge,
  decision,
  Order,
  orderPlaced,
  orderShipped,
  packLine,
  refund,
  release,
  reserve,
  screen,
  ship,
} from "./contracts.ts";

export const order = workflow("order", { input: Order, on: orderPlaced.by((e) => e.data.orderId) })
  .task(reserve, { undo: release })
  .parallel("pay", {
    charge: (b) => b.task(charge, { input: (s) => ({ cents: s.input.totalCents, card: s.input.card }), undo: refund }),
    screen: (b) => b.task(screen, { input: (s) => s.input }),
  })
  .choice("risk", (s) => (s.pay.screen.score >= 80 ? "review" : "clear"), {
    review: (b) =>
      b.waitFor(decision, { timeout: "2 days" }).choice("answer", (s) => (s.decision.approved ? "go" : "stop"), {
        go: (b) => b,
        stop: (b) => b.fail("Rejected", (s) => `${s.decision.by}: ${s.pay.screen.reasons.join("; ")}`),
      }),
    clear: (b) => b,
  })
  .map("pack", { over: (s) => s.input.lines, each: (b) => b.task(packLine), concurrency: 20 })
  .task(ship, { input: (s) => ({ to: s.input.address, parcels: s.pack, receipt: s.pay.charge }) })
  .emit(orderShipped, (s) => ({
    orderId: s.input.orderId,
    customerId: s.input.customer.id,
    name: s.input.address.name,
    country: s.input.address.country,
    totalCents: s.input.totalCents,
    tracking: s.ship.tracking,
    deliveryDays: s.ship.deliveryDays,
  }))
  .output((s) => ({ tracking: s.ship.tracking, boxes: s.ship.boxes, postageCents: s.ship.postageCents }));
