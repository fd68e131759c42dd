/** What may go wrong, at random. */
import fc from "fast-check";
import type { Fault, Mode } from "./simulation.ts";

export const mode: fc.Arbitrary<Mode> = fc.record({
  dies: fc.constantFrom("process" as const, "invocation" as const),
  durable: fc.constantFrom("each write" as const, "each turn" as const),
  twice: fc.constantFrom(...(["sent", "delivered", "again"] as const)),
  carryBytes: fc.constantFrom(0, 20, 1_000_000),
});

/** @param calls port calls among which one goes wrong */
export const faultWithin = (calls: number): fc.Arbitrary<Fault> =>
  fc.record({
    at: fc.integer({ min: 1, max: calls }),
    when: fc.constantFrom("before" as const, "after" as const),
    how: fc.constantFrom("die" as const, "die" as const, "stall" as const),
  });
