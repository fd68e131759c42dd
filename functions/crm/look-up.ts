/** Finds what is known of a customer. One who is not on file counts as new and is addressed by the country's language. */
import { implement } from "pawl/node";
import { type Language, lookUp } from "./contracts.ts";
import customers from "./customers.json" with { type: "json" };

const languageOf = new Map<string, Language>([
  ["AT", "de"],
  ["BE", "fr"],
  ["CH", "de"],
  ["DE", "de"],
  ["FR", "fr"],
  ["LU", "fr"],
]);

export const handler = implement(lookUp, async (input) => {
  const language = languageOf.get(input.country) ?? "en";
  const known = customers.find((customer) => customer.id === input.customerId);
  if (known === undefined) return { language, orders: 0, spentCents: 0, mayContact: true };
  return { language, orders: known.orders, spentCents: known.spentCents, mayContact: known.mayContact };
});
