/** The price of some articles together. Ends with UnknownArticle when one is not in the catalogue. */
import { implement } from "pawl/node";
import catalogue from "../order/catalogue.json" with { type: "json" };
import { addUp } from "./contracts.ts";
import { euros } from "./euros.ts";

const priceOf = new Map(catalogue.map((article) => [article.sku, article.priceCents]));

export const handler = implement(addUp, ({ lines }, step) => {
  const unknown = lines.map(({ sku }) => sku).filter((sku) => !priceOf.has(sku));
  if (unknown.length > 0) step.fail("UnknownArticle", unknown);
  return { text: euros(lines.reduce((sum, { sku, quantity }) => sum + quantity * (priceOf.get(sku) ?? 0), 0)) };
});
