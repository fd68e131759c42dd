import { describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../../lib/adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../../../lib/adapters/single-process/transport.ts";
import { Engine } from "../../../lib/engine/engine.ts";
import { node, type ScheduleOptions, schedule, workflow } from "../../../lib/index.ts";
import { VirtualClock } from "../../../lib/testing/virtual-clock.ts";

const HOUR_MS = 60 * 60_000;
const Due = z.object({ due: z.string() });
const work = node("work", { input: Due, output: z.null() });

/** An engine from 2026-01-01T00:00Z on, whose node takes so long. */
function begin(options: Omit<ScheduleOptions, "input">, takesMs = 0) {
  const clock = new VirtualClock();
  const store = new MemoryStore();
  const on = schedule({ ...options, input: ({ time }) => ({ due: time }) });
  const { program } = workflow("report", { input: Due, on }).task(work);
  const open = async () => {
    const transport = new SingleProcessTransport({ store, clock, concurrency: 10, onError: () => {} });
    const handlers = {
      run: async () => {
        await new Promise<void>((resolve) => void clock.at(clock.now() + takesMs, resolve));
        return { kind: "output", output: null } as const;
      },
      abort: () => {},
      stop: async () => {},
    };
    const log = new SingleProcessStepLog(store);
    const engine = new Engine({ log, transport, bus: new SingleProcessEventBus(transport), handlers, clock });
    await engine.add(program);
    return { engine, transport };
  };
  const pass = async (ms: number) => {
    const untilMs = clock.now() + ms;
    await quiet();
    for (let next = clock.next(); next !== undefined && next <= untilMs; next = clock.next()) {
      clock.moveTo(next);
      await quiet();
    }
    clock.moveTo(untilMs);
  };
  const begun = () => store.executions({ limit: 100 }).map(({ id, startedAtMs }) => [id, startedAtMs] as const);
  return {
    clock,
    open,
    pass,
    program,
    ids: () => begun().map(([id]) => id.slice("schedule:2026-01-01T".length)),
    begun,
  };
}
const quiet = async () => {
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
};

describe("an engine with a schedule", () => {
  it("starts an execution at each time, with that time as its input, once however often it comes", async () => {
    const { open, pass, ids, program } = begin({ cron: "0 */2 * * *" });
    const { engine, transport } = await open();
    await pass(5 * HOUR_MS);
    expect(ids()).toEqual(["04:00:00Z", "02:00:00Z"]);
    const { input } = await engine.show({ workflow: "report", id: "schedule:2026-01-01T04:00:00Z" });
    expect(input).toEqual({ due: "2026-01-01T04:00:00Z" });
    const again = { kind: "tick", v: 1, workflow: program.graph.workflow, time: "2026-01-01T04:00:00Z" } as const;
    await transport.send([{ queue: "report", envelope: again }]);
    await pass(HOUR_MS - 1);
    expect(ids()).toHaveLength(2);
  });

  it("passes over the times at which one still runs, unless they may overlap", async () => {
    const apart = begin({ rate: "1 hour" }, 2.5 * HOUR_MS);
    await apart.open();
    await apart.pass(5.9 * HOUR_MS);
    expect(apart.ids()).toEqual(["04:00:00Z", "01:00:00Z"]);
    const together = begin({ rate: "1 hour", overlap: true }, 2.5 * HOUR_MS);
    await together.open();
    await together.pass(3.1 * HOUR_MS);
    expect(together.ids()).toEqual(["03:00:00Z", "02:00:00Z", "01:00:00Z"]);
  });

  it("passes over what was due while it did not run", async () => {
    const { open, pass, clock, ids } = begin({ rate: "1 hour" });
    const { engine } = await open();
    await pass(1.5 * HOUR_MS);
    await engine.stop();
    await pass(3 * HOUR_MS);
    expect(clock.next()).toBeUndefined();
    await open();
    await pass(HOUR_MS);
    expect(ids()).toEqual(["05:00:00Z", "01:00:00Z"]);
  });

  it("begins by chance up to its jitter later, under the time that was due", async () => {
    const { open, pass, begun } = begin({ rate: "1 hour", jitter: "10 minutes" });
    await open();
    await pass(20 * HOUR_MS + 0.5 * HOUR_MS);
    const late = begun().map(([id, startedAtMs]) => startedAtMs - Date.parse(id.slice("schedule:".length)));
    expect(late).toHaveLength(20);
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...late)).toBeLessThan(10 * 60_000);
    expect(new Set(late).size).toBeGreaterThan(10);
  });
});
