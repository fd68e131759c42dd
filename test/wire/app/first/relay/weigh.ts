import { implement } from "pawl/node";
import { weigh } from "./contracts.ts";

export const handler = implement(weigh, async ({ id }) => ({ grams: id.length }));
