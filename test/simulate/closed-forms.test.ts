/** The simulation against what queueing theory says without one. */
import { describe, expect, it } from "vitest";
import { ceilingsOf } from "../../bench/simulate/ceilings.ts";
import { stepOf } from "../../bench/simulate/latency.ts";
import { limitsOf } from "../../bench/simulate/limits.ts";
import { figuresOf } from "../../bench/simulate/report.ts";
import { type Curves, type Run, simulate } from "../../bench/simulate/simulate.ts";
import { meanOf } from "../../bench/simulate/times.ts";
import { ASSUMED, type Stage, stagesOf } from "../../bench/simulate/workloads.ts";

const free = { tableWrites: 0, tableReads: 0, indexRunning: 0, indexEnded: 0 };
/** One queue, whose messages take as long each and write nothing. */
const plain = (ms: number): Stage => ({ name: "plain", fan: 1, units: free, times: [{ p50: ms, p99: ms }] });
const servers = (most: number, batch: number): Run["limits"] => ({
  ...limitsOf({ quotas: "raised", batch }),
  pollers: { first: most, perMinute: 0, most },
});
const first = ({ curves }: { readonly curves: readonly Curves[] }): Curves => curves[0] as Curves;

/** Message-steps between the two curves. */
function areaOf({ arrived, through }: Curves, from = 0): number {
  let area = 0;
  for (let step = from; step < arrived.length; step++) area += (arrived[step] ?? 0) - (through[step] ?? 0);
  return area;
}

describe("one function, one message at a time", () => {
  it.each([0.5, 0.8, 0.9])("waits as Pollaczek and Khinchine say, %d busy", (load) => {
    const [service, dt] = [0.1, 0.01];
    const run = {
      stages: [plain(service * 1000)],
      limits: servers(1, 1),
      rate: load / service,
      seconds: 4_000,
      seed: 3,
      dt,
    };
    const curves = first(simulate(run));
    const stayed = (areaOf(curves) * dt) / (curves.arrived.at(-1) ?? 0);
    const wait = (load * service) / (2 * (1 - load));
    expect(stayed / (wait + service)).toBeGreaterThan(0.9);
    expect(stayed / (wait + service)).toBeLessThan(1.1);
  });
});

describe("Little's law", () => {
  it("holds of a chain that nothing holds up: as many are there as arrive in the time that one takes", () => {
    const [rate, dt, seconds] = [100, 0.025, 200];
    const stages = stagesOf({ steps: 10, inline: false, handlerMs: 50 });
    const { curves } = simulate({ stages, limits: limitsOf({ quotas: "raised" }), rate, seconds, seed: 1, dt });
    const from = Math.round(50 / dt); // cold starts are over
    const there = curves.reduce((sum, curve) => sum + areaOf(curve, from), 0) / (seconds / dt - from);
    const takes = stages.reduce((sum, { times }) => sum + times.reduce((ms, time) => ms + meanOf(time), 0), 0) / 1000;
    expect(there / (rate * takes)).toBeGreaterThan(0.95);
    expect(there / (rate * takes)).toBeLessThan(1.1); // a batch of two takes a little longer
  });
  it("gives the same time for one as the n-th message's own", () => {
    const curves = first(
      simulate({ stages: [plain(100)], limits: servers(10, 1), rate: 90, seconds: 300, seed: 2, dt: 0.025 }),
    );
    const through = curves.through.at(-1) ?? 0;
    const all = Array.from({ length: 2_000 }, (_, i) => ((i + 0.5) / 2_000) * through);
    const mean = all.reduce((sum, n) => sum + stepOf(curves.through, n) - stepOf(curves.arrived, n), 0) / all.length;
    expect(mean / (areaOf(curves) / through)).toBeCloseTo(1, 1);
  });
});

describe("more than a function can do", () => {
  it("goes through at what full batches give, and the rest piles up", () => {
    const [rate, seconds, batch, functions] = [2_000, 120, 10, 8];
    const { curves, backlog, held } = simulate({
      ...{ stages: [plain(100)], limits: servers(functions, batch), rate, seconds, seed: 1, dt: 0.01 },
    });
    const can = (functions * batch) / (0.1 + (9 * ASSUMED.perMessageMs) / 1000);
    const through = first({ curves }).through.at(-1) ?? 0;
    expect(through / (can * seconds)).toBeGreaterThan(0.96); // times are whole steps
    expect(through / (can * seconds)).toBeLessThan(1.04);
    expect(backlog / ((rate - can) * seconds)).toBeCloseTo(1, 1);
    expect([...held.keys()]).toEqual(["functionConcurrency"]);
  });
});

describe("what all functions of an account share", () => {
  const takes = 0.1 + (9 * ASSUMED.perMessageMs) / 1000;
  it.each([
    ["functions at work at once", { accountConcurrency: 6 }, (6 * 10) / takes, "accountConcurrency"],
    ["invocations in a second", { invocationsPerSecond: 30 }, 30 * 10, "invocations"],
  ] as const)("is %s: two queues have no more of them than one", (_, least, can, bound) => {
    const limits = { ...servers(1_000, 10), ...least };
    const run = { limits, rate: 2_000, seconds: 120, seed: 1, dt: 0.01 };
    const one = simulate({ ...run, stages: [plain(100)] });
    const two = simulate({ ...run, stages: [plain(100), plain(100)] });
    for (const { curves, held } of [one, two]) {
      const through = curves.reduce((sum, curve) => sum + (curve.through.at(-1) ?? 0), 0);
      expect(through / (can * run.seconds)).toBeGreaterThan(0.93);
      expect(through / (can * run.seconds)).toBeLessThan(1.05);
      expect([...held.keys()]).toEqual([bound]);
    }
  });
});

describe("where a quota holds it, the load that gets through is the one worked out for it", () => {
  it.each([
    ["the table's writes", { steps: 10, inline: false }, { quotas: "default" }, "tableWrites"],
    [
      "a function's concurrency",
      { steps: 10, inline: true },
      { quotas: "default", concurrency: 5 },
      "functionConcurrency",
    ],
    ["the index's keys", { steps: 10, inline: false }, { quotas: "raised", concurrency: 1_000 }, "indexRunning"],
    ["more of them", { steps: 2, inline: false }, { quotas: "raised", shards: 6 }, "indexRunning"],
  ] as const)("%s", (_, shape, settings, bound) => {
    const asked = { ...shape, handlerMs: 50, ...settings };
    const [least] = ceilingsOf(stagesOf(asked), limitsOf(asked));
    expect(least?.[0]).toBe(bound);
    const { endedPerSecond, binds } = figuresOf({ ...asked, rate: 5_000, seconds: 300, seed: 1 });
    expect(endedPerSecond / (least?.[1] ?? 0)).toBeGreaterThan(0.96);
    expect(endedPerSecond / (least?.[1] ?? 0)).toBeLessThan(1.04);
    expect(binds[0]).toBe(bound);
  });
});
