/** Counts a customer's points, one for each full euro and 50 for each order, this one included, and names the tier. */
import { implement } from "pawl/node";
import { type Loyalty, scoreLoyalty } from "./contracts.ts";

const silverFrom = 500;
const goldFrom = 2000;

export const handler = implement(scoreLoyalty, async (input): Promise<Loyalty> => {
  const points = Math.floor((input.spentCents + input.orderCents) / 100) + 50 * (input.orders + 1);
  if (points >= goldFrom) return { tier: "gold", points, toNext: 0 };
  if (points >= silverFrom) return { tier: "silver", points, toNext: goldFrom - points };
  return { tier: "bronze", points, toNext: silverFrom - points };
});
