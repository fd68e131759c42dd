/** Executions in flight when newer code comes: they keep the graph that they started with, and run on the newest functions. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../../lib/adapters/single-process/transport.ts";
import { Engine } from "../../lib/engine/engine.ts";
import { node, workflow } from "../../lib/index.ts";
import type { RetiredOptions } from "../../lib/model/types.ts";
import { output } from "../support/simulation.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const json = { input: z.json(), output: z.json() };
const work = node("work", json);
const flow = (retired?: RetiredOptions) => workflow("flow", { input: z.json(), ...(retired && { retired }) });

/** An engine whose handlers answer with their path; a step named `wait` takes an hour. */
function engineOn(store: MemoryStore, clock: VirtualClock): Engine {
  const transport = new SingleProcessTransport({ store, clock, concurrency: 10, onError: () => {} });
  return new Engine({
    log: new SingleProcessStepLog(store),
    transport,
    clock,
    bus: new SingleProcessEventBus(transport),
    handlers: {
      run: async ({ step }) => {
        if (step.path.endsWith("wait")) await clock.sleep(10_000);
        return output(step.path);
      },
      abort: () => {},
      stop: async () => {},
    },
  });
}
const wait = work.as("wait");
const before = flow()
  .task(wait)
  .task(work.as("a"))
  .output((s) => ["before", s.a]).program;

async function goesOn(newer: typeof before, restart: boolean, older = before) {
  const store = new MemoryStore();
  const first = new VirtualClock();
  let engine = engineOn(store, first);
  await engine.add(older);
  await engine.start("flow", { id: "1", input: null });
  await first.pass(0);
  let clock = first;
  if (restart) {
    clock = new VirtualClock(first.now());
    engine = engineOn(store, clock);
  }
  await engine.add(newer);
  await clock.pass(60_000);
  await engine.start("flow", { id: "2", input: null });
  await clock.pass(60_000);
  return Promise.all(["1", "2"].map((id) => engine.show({ workflow: "flow", id })));
}
const ran = (view: Awaited<ReturnType<typeof goesOn>>[number] | undefined) => view?.steps.map((s) => s.path);

describe.each([
  ["in the same process", false],
  ["in another process", true],
])("an execution that newer code finds in flight, %s,", (_, restart) => {
  it("goes on on its own graph, and the next one on the newer", async () => {
    const [old, next] = await goesOn(
      flow()
        .task(wait)
        .task(work.as("b"))
        .task(work.as("a"))
        .output(() => "after").program,
      restart,
    );
    expect(old).toMatchObject({ status: "succeeded", graph: before.hash });
    expect(ran(old)).toEqual(["wait", "a"]);
    expect(next).toMatchObject({ status: "succeeded" });
    expect(ran(next)).toEqual(["wait", "b", "a"]);
  });
  it("runs the newest function of a name", async () => {
    const newer = flow()
      .task(wait)
      .task(work.as("a"))
      .output((s) => ["after", s.a]).program;
    expect(newer.hash).toBe(before.hash);
    const [old] = await goesOn(newer, restart);
    expect(old).toMatchObject({ status: "succeeded", output: ["after", "a"] });
  });
  it("runs the newest function of a name on a graph of another hash too", async () => {
    const newer = flow()
      .task(wait)
      .task(work.as("b"))
      .task(work.as("a"))
      .output((s) => ["after", s.a]).program;
    const [old] = await goesOn(newer, restart);
    expect(old).toMatchObject({ status: "succeeded", output: ["after", "a"], graph: before.hash });
  });
  it("fails when the newer code lacks a function that it needs, and says which", async () => {
    const [old] = await goesOn(flow().task(wait).task(work.as("b")).program, restart);
    expect(old).toMatchObject({
      status: "failed",
      error: { code: "slot_failed", path: "output", message: "the code at hand has no function for 'output'" },
    });
  });
  it("does not mind that the branches of a parallel are written in another order", async () => {
    const older = flow().parallel("p", { x: (b) => b.task(work), y: (b) => b.task(wait) }).program;
    const newer = flow().parallel("p", { y: (b) => b.task(wait), x: (b) => b.task(work) }).program;
    expect(newer.hash).toBe(older.hash);
    // One branch has arrived before, the other arrives after.
    for (const view of await goesOn(newer, restart, older))
      expect(view).toMatchObject({ status: "succeeded", output: { x: "p/x/work", y: "p/y/wait" } });
  });
});

it("an execution whose node the newer code lacks waits, and goes on once the node is retired", async () => {
  const store = new MemoryStore();
  const weigh = node("weigh", json);
  const older = flow()
    .task(wait)
    .task(weigh)
    .task(work.as("a"), { input: (s) => s.weigh })
    .output((s) => s.a).program;
  const newer = (retired?: RetiredOptions) =>
    flow(retired)
      .task(wait)
      .task(work.as("b"))
      .output((s) => s.b).program;
  let nowMs = 0;
  const runOn = async (program: typeof older, then: (engine: Engine) => Promise<unknown>, forMs = 60_000) => {
    const clock = new VirtualClock(nowMs);
    const engine = engineOn(store, clock);
    await engine.add(program);
    const asked = then(engine);
    await clock.pass(forMs);
    await asked;
    nowMs = clock.now();
    return engine.show({ workflow: "flow", id: "1" });
  };
  await runOn(older, (engine) => engine.start("flow", { id: "1", input: null }), 0);
  const without = await runOn(newer(), async () => {});
  expect(without).toMatchObject({ status: "running" });
  expect(ran(without)).toEqual(["wait", "weigh"]);
  const retired = {
    nodes: { weigh: work },
    slots: { "a.input": (s: { weigh: unknown }) => s.weigh, output: (s: { a: unknown }) => ["mapped", s.a] },
  };
  const name = { workflow: "flow", id: "1" };
  const healed = await runOn(newer(retired), (engine) => engine.control(name, { kind: "heal" }));
  expect(healed).toMatchObject({ status: "succeeded", output: ["mapped", "a"], graph: older.hash });
});
