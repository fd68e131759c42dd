/** Rates the risk that an order is fraud: the points of every rule that applies, at most 100. Looks at the order only. */
import { implement } from "pawl/node";
import catalogue from "./catalogue.json" with { type: "json" };
import { type Order, screen } from "./contracts.ts";

const priceOf = new Map(catalogue.map((article) => [article.sku, article.priceCents]));
const throwawayDomains = ["mailinator.com", "trashmail.com", "10minutemail.com"];

const rules: readonly { points: number; reason: string; applies: (order: Order) => boolean }[] = [
  { points: 60, reason: "the total is not the sum of the prices", applies: (o) => o.totalCents !== sumOfPrices(o) },
  { points: 25, reason: "1,000 euros or more", applies: (o) => o.totalCents >= 100_000 },
  { points: 25, reason: "5,000 euros or more", applies: (o) => o.totalCents >= 500_000 },
  { points: 25, reason: "billed in another country", applies: (o) => o.customer.billingCountry !== o.address.country },
  { points: 30, reason: "a throwaway email address", applies: (o) => throwawayDomains.includes(domainOf(o)) },
  { points: 30, reason: "goes to a forwarder", applies: (o) => /\b(forwarding|freight)\b/i.test(o.address.street) },
  { points: 20, reason: "more than 20 of one article", applies: (o) => o.lines.some((line) => line.quantity > 20) },
];

export const handler = implement(screen, async (order) => {
  const found = rules.filter((rule) => rule.applies(order));
  const points = found.reduce((sum, rule) => sum + rule.points, 0);
  return { score: Math.min(points, 100), reasons: found.map((rule) => rule.reason) };
});

function sumOfPrices(order: Order): number {
  return order.lines.reduce((sum, line) => sum + line.quantity * (priceOf.get(line.sku) ?? 0), 0);
}

function domainOf(order: Order): string {
  return order.customer.email.slice(order.customer.email.lastIndexOf("@") + 1).toLowerCase();
}
