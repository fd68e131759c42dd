/** A relay whose next version has a node more, one under another name, and one less. */
import { node, signal } from "pawl";
import { z } from "zod";

export const Baton = z.object({ id: z.string() });
const Weight = z.object({ grams: z.int() });
export const Receipt = z.object({ receipt: z.string() });
const Parcel = z.object({ to: z.string(), receipt: z.string() });

const quick = { timeout: "5 seconds" } as const;
export const go = signal("go", { data: Baton });
export const proceed = signal("proceed", { data: z.object({ by: z.string() }) });
export const weigh = node("weigh", { input: Baton, output: Weight, ...quick });
export const charge = node("charge", { input: Weight, output: Receipt, ...quick });
export const ship = node("ship", { input: Parcel, output: z.string(), ...quick });
