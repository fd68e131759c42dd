import { implement } from "pawl/node";
import { last } from "./contracts.ts";

export const handler = implement(last, (what) => `${what}, by the second version`);
