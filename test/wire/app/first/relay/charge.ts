import { implement } from "pawl/node";
import { charge } from "./contracts.ts";

export const handler = implement(charge, async ({ grams }) => ({ receipt: `charged for ${grams}` }));
