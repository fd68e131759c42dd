import { node } from "pawl";
import { z } from "zod";
import { Baton, Receipt } from "../../first/relay/contracts.ts";

export { Baton, go, proceed, ship, weigh } from "../../first/relay/contracts.ts";

export const check = node("check", { input: Baton, output: z.object({ weight: z.int() }), timeout: "5 seconds" });
/** It was `charge`. */
export const payCard = node("payCard", { input: z.object({ grams: z.int() }), output: Receipt, timeout: "5 seconds" });
