/** Picks the best gift that the customer's points reach. Every gold customer reaches one. */
import { implement } from "pawl/node";
import { pickGift } from "./contracts.ts";
import gifts from "./gifts.json" with { type: "json" };

const bestFirst = gifts.toSorted((a, b) => b.fromPoints - a.fromPoints);

export const handler = implement(pickGift, async (input) => {
  const gift = bestFirst.find((g) => g.fromPoints <= input.points);
  if (gift === undefined) throw new Error(`gifts.json has no gift for ${input.points} points`);
  return { kind: "gift", title: gift.title };
});
