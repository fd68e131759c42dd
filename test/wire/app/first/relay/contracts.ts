/** A relay whose next version has a node more, one under another name, and one less. */
import { node } from "pawl";
import { z } from "zod";

export const Baton = z.object({ id: z.string() });
const Weight = z.object({ grams: z.int() });
export const Receipt = z.object({ receipt: z.string() });

const quick = { timeout: "5 seconds" } as const;
export const begin = node("begin", { input: Baton, output: Baton, ...quick });
export const weigh = node("weigh", { input: Baton, output: Weight, ...quick });
export const charge = node("charge", { input: Weight, output: Receipt, ...quick });
export const ship = node("ship", {
  input: z.object({ to: z.string(), receipt: z.string() }),
  output: z.string(),
  ...quick,
});
