import { afterEach, describe, expect, it, vi } from "vitest";
import { systemClock } from "../../../lib/adapters/system-clock.ts";

const DAY_MS = 24 * 60 * 60_000;
afterEach(() => {
  vi.useRealTimers();
});

describe("the system's clock", () => {
  it("never calls back before the time, though Node's timers may be a millisecond early", async () => {
    const early: number[] = [];
    await Promise.all(
      Array.from({ length: 500 }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, i / 3));
        const timeMs = systemClock.now() + 1 + (i % 20);
        await new Promise<void>((resolve) => systemClock.at(timeMs, resolve));
        if (systemClock.now() < timeMs) early.push(timeMs - systemClock.now());
      }),
    );
    expect(early).toEqual([]);
  });

  it("calls back once, for a time that is over as well, and not within the call that asks for it", async () => {
    const call = vi.fn();
    systemClock.at(systemClock.now() - 1000, call);
    expect(call).not.toHaveBeenCalled();
    await vi.waitUntil(() => call.mock.calls.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(call).toHaveBeenCalledTimes(1);
  });

  // A timer of Node's longer than 2^31 - 1 ms rings at once.
  it.each([24, 25, 60])("calls back after %i days, and not before", (days) => {
    vi.useFakeTimers();
    const call = vi.fn();
    systemClock.at(systemClock.now() + days * DAY_MS, call);
    vi.advanceTimersByTime(days * DAY_MS - 1);
    expect(call).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(call).toHaveBeenCalledTimes(1);
  });

  it("calls back within a minute after the clock was set past the time", () => {
    vi.useFakeTimers();
    const call = vi.fn();
    const timeMs = systemClock.now() + 10 * DAY_MS;
    systemClock.at(timeMs, call);
    vi.setSystemTime(timeMs);
    vi.advanceTimersByTime(60_000);
    expect(call).toHaveBeenCalledTimes(1);
  });

  it.each([1, 60])("does not call back when it is cancelled, %i days ahead", (days) => {
    vi.useFakeTimers();
    const call = vi.fn();
    const cancel = systemClock.at(systemClock.now() + days * DAY_MS, call);
    vi.advanceTimersByTime(days * DAY_MS - 1000);
    cancel();
    vi.advanceTimersByTime(2000);
    expect(call).not.toHaveBeenCalled();
  });

  it("gives chances from 0 to below 1", () => {
    for (let i = 0; i < 1000; i++) {
      const chance = systemClock.random();
      expect(chance).toBeGreaterThanOrEqual(0);
      expect(chance).toBeLessThan(1);
    }
  });
});
