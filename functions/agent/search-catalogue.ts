/** Finds articles whose title or number has all the words: at most five, the cheapest first. */
import { implement } from "pawl/node";
import catalogue from "../order/catalogue.json" with { type: "json" };
import { searchCatalogue } from "./contracts.ts";
import { euros } from "./euros.ts";

export const handler = implement(searchCatalogue, ({ words }) => {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = catalogue
    .filter(({ sku, title }) => wanted.every((word) => `${sku} ${title}`.toLowerCase().includes(word)))
    .toSorted((a, b) => a.priceCents - b.priceCents)
    .slice(0, 5);
  if (found.length === 0) return { text: `no article is called '${words}'` };
  return { text: found.map(({ sku, title, priceCents }) => `${sku} ${title}: ${euros(priceCents)}`).join("\n") };
});
