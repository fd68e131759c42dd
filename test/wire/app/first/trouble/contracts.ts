/** Nodes that go wrong on purpose. What a process that died remembers is a file. */
import { node } from "pawl";
import { z } from "zod";

export const Trouble = z.object({
  kind: z.enum(["dies", "throws", "slow"]),
  /** A file that tells a second attempt from the first; without one, every attempt goes wrong. */
  marker: z.string().nullable(),
});

const contract = { input: Trouble, output: z.string(), timeout: "3 seconds", retry: { maxAttempts: 3 } } as const;
export const dies = node("dies", contract);
export const throws = node("throws", contract);
export const slow = node("slow", contract);
export const last = node("last", { input: z.string(), output: z.string(), timeout: "3 seconds" });
