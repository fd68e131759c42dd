import { implement } from "pawl/node";
import { added } from "./contracts.ts";

export const handler = implement(added, (what) => `${what}, and more`);
