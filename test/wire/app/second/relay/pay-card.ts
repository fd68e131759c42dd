import { implement } from "pawl/node";
import { payCard } from "./contracts.ts";

export const handler = implement(payCard, async ({ grams }) => ({ receipt: `paid by card for ${grams}` }));
