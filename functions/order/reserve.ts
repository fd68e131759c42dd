/**
 * Holds the goods of an order. Lines of the same article count together. Ends with OutOfStock, naming every article
 * that is short, when the stock does not cover them all; an article that is not in the catalogue has none.
 */
import { implement } from "pawl/node";
import catalogue from "./catalogue.json" with { type: "json" };
import { reserve } from "./contracts.ts";

const stockOf = new Map(catalogue.map((article) => [article.sku, article.stock]));

export const handler = implement(reserve, async (input, step) => {
  const wanted = new Map<string, number>();
  for (const line of input.lines) wanted.set(line.sku, (wanted.get(line.sku) ?? 0) + line.quantity);

  const held = [...wanted].map(([sku, quantity]) => ({ sku, quantity }));
  const missing = held
    .map((line) => ({ ...line, stock: stockOf.get(line.sku) ?? 0 }))
    .filter((line) => line.quantity > line.stock);
  if (missing.length > 0) step.fail("OutOfStock", { missing });

  return { reservationId: `res-${input.orderId}`, held };
});
