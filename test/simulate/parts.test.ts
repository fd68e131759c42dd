/** The simulation's parts, each against what its quota says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Pollers, TokenBucket } from "../../bench/simulate/buckets.ts";
import { unitsOf } from "../../bench/simulate/ceilings.ts";
import { stepOf } from "../../bench/simulate/latency.ts";
import { DEPLOYED, limitsOf } from "../../bench/simulate/limits.ts";
import { Queue } from "../../bench/simulate/queue.ts";
import { QUOTAS } from "../../bench/simulate/quotas.ts";
import { figuresOf } from "../../bench/simulate/report.ts";
import { drawn, meanOf, poisson, quantile } from "../../bench/simulate/times.ts";
import { COUNTED, type Stage, stagesOf } from "../../bench/simulate/workloads.ts";
import { Random } from "../model/random.ts";

describe("a token bucket", () => {
  it("never gives more than what came back and what it held at first", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5_000), fc.nat(3_000)), { maxLength: 50 }), (asked) => {
        const bucket = new TokenBucket(1_000);
        let [taken, ms] = [0, 0];
        for (const [wanted, waitMs] of asked) {
          const share = bucket.shareOf(wanted);
          bucket.take(wanted * share);
          taken += wanted * share;
          expect(taken).toBeLessThanOrEqual(1_000 + ms + 1e-6);
          bucket.refill(waitMs / 1_000);
          ms += waitMs;
        }
      }),
    );
  });
  it("keeps nothing beyond its most", () => {
    const bucket = new TokenBucket(1_000);
    bucket.refill(60);
    expect(bucket.left).toBe(1_000);
  });
});

describe("pollers", () => {
  const { pollersAtFirst, pollersPerMinute } = QUOTAS;
  const of = (most: number) =>
    new Pollers({ first: pollersAtFirst.default, perMinute: pollersPerMinute.default, most });
  it("are five at first, 300 more a minute later, and 1,000 after 199 seconds", () => {
    const pollers = of(1_000);
    expect(pollers.now).toBe(5);
    for (let i = 0; i < 600; i++) pollers.grow(0.1);
    expect(pollers.now).toBe(305);
    for (let i = 600; i < 1_990; i++) pollers.grow(0.1);
    expect(pollers.now).toBe(1_000);
    pollers.grow(60);
    expect(pollers.now).toBe(1_000);
  });
  it("are never more than the function's concurrency", () => {
    const pollers = of(DEPLOYED.concurrency);
    pollers.grow(60);
    expect(pollers.now).toBe(20);
    expect(of(2).now).toBe(2);
  });
});

describe("a function's environments", () => {
  const stage: Stage = {
    ...{ name: "slow", fan: 1, times: [{ p50: 50_000, p99: 50_000 }] },
    units: { tableWrites: 0, tableReads: 0, indexRunning: 0, indexEnded: 0 },
  };
  it("are a thousand at once, and a hundred more each second", () => {
    const limits = { ...limitsOf({ quotas: "raised" }), pollers: { first: 1e6, perMinute: 0, most: 1e6 } };
    const queue = new Queue(stage, limits, 0.1);
    queue.waiting = 1e5;
    for (let step = 0; step <= 100; step++) {
      queue.start(queue.wants().invocations, step);
      queue.grow();
      if (step === 0) expect(queue.busy).toBe(1_000);
    }
    expect(queue.busy).toBeCloseTo(2_000, 0);
    expect(queue.wants().held).toBe("environments");
  });
});

describe("chance", () => {
  const random = new Random(1);
  const many = 20_000;
  it.each([0.5, 7, 400])("lets %d arrive on average, and their variance be as much", (mean) => {
    const all = Array.from({ length: many }, () => poisson(mean, random));
    const average = all.reduce((a, b) => a + b, 0) / many;
    const variance = all.reduce((sum, n) => sum + (n - average) ** 2, 0) / many;
    expect(average / mean).toBeCloseTo(1, 1);
    expect(variance / mean).toBeCloseTo(1, 0);
  });
  it("draws times whose median, 99th percentile and mean are those asked for", () => {
    const time = { p50: 20, p99: 120 };
    const all = Array.from({ length: many }, () => drawn(time, random)).sort((a, b) => a - b);
    expect(quantile(all, 0.5) / 20).toBeCloseTo(1, 1);
    expect(Math.abs(quantile(all, 0.99) / 120 - 1)).toBeLessThan(0.1);
    expect(all.reduce((a, b) => a + b, 0) / many / meanOf(time)).toBeCloseTo(1, 1);
  });
  it("is the same for the same seed", () => {
    const asked = { steps: 3, inline: false, handlerMs: 50, quotas: "default", rate: 20, seconds: 20 } as const;
    expect(figuresOf({ ...asked, seed: 5 })).toEqual(figuresOf({ ...asked, seed: 5 }));
    expect(figuresOf({ ...asked, seed: 5 })).not.toEqual(figuresOf({ ...asked, seed: 6 }));
  });
});

describe("when the n-th was there", () => {
  it("lies between the steps before and after it, and is never where so many never were", () => {
    const curve = Float64Array.from([0, 2, 2, 6]);
    expect(stepOf(curve, 1)).toBe(0.5);
    expect(stepOf(curve, 2)).toBe(1);
    expect(stepOf(curve, 4)).toBe(2.5);
    expect(stepOf(curve, 6.1)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("a load that is too much", () => {
  it.each([{}, { inline: true }, { fanOut: 20 }])(
    "of %o grows without end: that is Infinity, and no less for more of it",
    (shape) => {
      const asked = {
        steps: 4,
        inline: false,
        handlerMs: 50,
        quotas: "default",
        seconds: 60,
        seed: 1,
        ...shape,
      } as const;
      const of = [1, 300, 3_000].map((rate) => figuresOf({ ...asked, rate }));
      const p50s = of.map(({ execution }) => execution.p50);
      expect(p50s[0]).toBeLessThan(1_000);
      expect(p50s[2]).toBe(Number.POSITIVE_INFINITY);
      for (const { hop, execution } of of) {
        expect(hop.p99).toBeGreaterThanOrEqual(hop.p50);
        expect(execution.p99).toBeGreaterThanOrEqual(execution.p50);
        expect(execution.p50).toBeGreaterThanOrEqual(hop.p50);
      }
      expect(p50s[1]).toBeGreaterThan((p50s[0] ?? 0) * 0.95);
    },
  );
});

describe("a workload's units", () => {
  const whole = (of: Parameters<typeof stagesOf>[0]) =>
    unitsOf(stagesOf(of), ({ units }) => units.tableWrites + units.indexRunning + units.indexEnded);
  const { openHeader, recordStart, closeHeader } = COUNTED;
  const execution = openHeader.writeUnits + recordStart.writeUnits + closeHeader.writeUnits;
  it("are those of its steps, and six for the execution", () => {
    expect(execution).toBe(6);
    expect(whole({ steps: 10, inline: false, handlerMs: 50 })).toBe(10 * COUNTED.queuedStep.writeUnits + 6);
    expect(whole({ steps: 10, inline: true, handlerMs: 50 })).toBe(10 * COUNTED.inlineStep.writeUnits + 6);
    expect(whole({ steps: 1, inline: false, fanOut: 100, handlerMs: 50 })).toBeCloseTo(
      100 * COUNTED.mapItem.writeUnits + COUNTED.joinDecision.writeUnits + 6,
    );
  });
});
