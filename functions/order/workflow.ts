/** An order from the shop: reserve the goods, charge and screen at once, pack every line, ship. */
import { workflow } from "pawl";
import { charge, Order, orderPlaced, orderShipped, packLine, reserve, screen, ship } from "./contracts.ts";

export const order = workflow("order", { input: Order, on: orderPlaced.by((e) => e.data.orderId) })
  .task(reserve)
  .parallel("pay", {
    charge: (b) => b.task(charge, { input: (s) => ({ cents: s.input.totalCents, card: s.input.card }) }),
    screen: (b) => b.task(screen, { input: (s) => s.input }),
  })
  .choice("risk", (s) => (s.pay.screen.score >= 80 ? "high" : "clear"), {
    high: (b) => b.fail("HighRisk", (s) => `order ${s.input.orderId}: ${s.pay.screen.reasons.join("; ")}`),
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
