import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lookAgainMs, retryDelayMs } from "../../../lib/kernel/retry.ts";

const retry = { maxAttempts: 10, firstDelayMs: 1000, rate: 2, maxDelayMs: 60_000 };
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("the delay before another attempt", () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [6, 32_000],
    [7, 60_000],
    [100, 60_000],
  ])("is below its ceiling after %i failures: %i ms", (failures, ceilingMs) => {
    expect(retryDelayMs(retry, failures, 0)).toBe(0);
    expect(retryDelayMs(retry, failures, 0.5)).toBe(ceilingMs / 2);
    expect(retryDelayMs(retry, failures, 1 - 2 ** -53)).toBe(ceilingMs);
  });

  it("is just the ceiling where there is to be no jitter", () => {
    const exact = { ...retry, jitter: false } as const;
    expect([1, 2, 7].map((failures) => retryDelayMs(exact, failures, 0.5))).toEqual([1_000, 2_000, 60_000]);
  });

  it("is a whole number from 0 to the longest, however often it failed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), chance, (failures, random) => {
        const ms = retryDelayMs(retry, failures, random);
        expect(Number.isInteger(ms)).toBe(true);
        expect(ms).toBeGreaterThanOrEqual(0);
        expect(ms).toBeLessThanOrEqual(retry.maxDelayMs);
      }),
    );
  });

  it("is spread over the whole of its ceiling", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), chance, (failures, random) => {
        const ceilingMs = 1000 * 2 ** (failures - 1);
        expect(Math.abs(retryDelayMs(retry, failures, random) - ceilingMs * random)).toBeLessThanOrEqual(0.5);
      }),
    );
  });

  it("stays the same with a rate of 1", () => {
    expect(retryDelayMs({ ...retry, rate: 1 }, 9, 0.25)).toBe(250);
  });
});

describe("looking again", () => {
  it.each([
    [1, 200],
    [2, 400],
    [7, 12_800],
    [8, 20_000],
    [30, 20_000],
  ])("comes later each time, up to the longest pause: after receive %i in %i ms", (receives, ms) => {
    expect(lookAgainMs(receives, 20_000)).toBe(ms);
  });
  it("comes after 102,400 ms at most, whatever the longest pause", () => {
    expect([9, 10, 11, 1000].map((receives) => lookAgainMs(receives, 10 ** 9))).toEqual([
      ...[51_200, 102_400, 102_400, 102_400],
    ]);
  });
});
