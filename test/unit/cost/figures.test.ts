/** What issue 8 asks of the price of a million executions of ten steps, by the model that `test/wire/cost.test.ts` checks. */
import { describe, expect, it } from "vitest";
import type { Priced } from "../../../lib/cost/quote.ts";
import { chainOf, quoteOf } from "./chains.ts";

const byTens = (priced: readonly Priced[]) => priced.find(({ batch }) => batch === 10) as Priced;

describe("a million executions of ten steps, values of 1 KiB, handlers of 100 ms", () => {
  it("queued, by tens: cost to run less than a tenth of Step Functions Standard and a quarter of durable functions", () => {
    const { priced, peers } = quoteOf(chainOf(10));
    const { total, kept } = byTens(priced).parts;
    expect(total - kept).toBeLessThanOrEqual(peers.standard.usd / 10);
    expect(total - kept).toBeLessThanOrEqual(peers.durable.usd / 4);
  });

  it("queued, by tens: and with their records kept, where the log needs no point-in-time recovery", () => {
    const { priced, peers } = quoteOf(chainOf(10), { recovery: false });
    expect(byTens(priced).parts.total).toBeLessThanOrEqual(peers.standard.usd / 10);
    expect(byTens(priced).parts.total).toBeLessThanOrEqual(peers.durable.usd / 4);
  });

  it("queued, by tens: miss both where handlers compute all of their time, or values take two units (docs/cost.md)", () => {
    for (const assumed of [{ busy: 1 }, { payloadBytes: 2048 }]) {
      const { priced, peers } = quoteOf(chainOf(10), assumed);
      const { total, kept } = byTens(priced).parts;
      expect(total - kept).toBeCloseTo("busy" in assumed ? 26.6 : 26.85, 1);
      expect(total - kept).toBeGreaterThan(Math.max(peers.standard.usd / 10, peers.durable.usd / 4));
    }
  });

  it("inline and repeatable, records and recovery with them: cost less than Express with its log, in batches or not", () => {
    const { priced, peers } = quoteOf(chainOf(10, { inline: true, repeatable: true }));
    for (const { parts } of priced) expect(parts.total).toBeLessThanOrEqual(peers.express.usd);
  });
});
