import { expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../../lib/adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../../../lib/adapters/single-process/transport.ts";
import { Engine } from "../../../lib/engine/engine.ts";
import { node, workflow } from "../../../lib/index.ts";
import { failure, output } from "../../support/simulation.ts";
import { turn, VirtualClock } from "../../support/virtual-clock.ts";

it("a result is waited for through a redrive that comes before its first end is told", async () => {
  const work = node("work", { input: z.string(), output: z.string(), errors: ["Refused"] });
  const store = new MemoryStore();
  const clock = new VirtualClock();
  const transport = new SingleProcessTransport({ store, clock, concurrency: 10, onError: () => {} });
  const disk = Promise.withResolvers<void>();
  const log = new SingleProcessStepLog(store);
  log.sync = () => disk.promise;
  const { promise: mended, resolve: mend } = Promise.withResolvers<void>();
  let calls = 0;
  const run = async () => {
    if (calls++ === 0) return failure("Refused", true);
    await mended;
    return output("done");
  };
  const handlers = { run, abort: () => {}, stop: async () => {} };
  const engine = new Engine({ log, transport, bus: new SingleProcessEventBus(transport), handlers, clock });
  await engine.add(workflow("once", { input: z.string() }).task(work).program);
  const name = { workflow: "once", id: "1" };

  const started = engine.start("once", { id: "1", input: "in" });
  const result = engine.result(name);
  const is = async (status: string) => {
    while ((await log.header(name))?.status !== status) await turn();
  };
  await is("failed"); // and nobody is told before it is on disk
  const redriven = engine.control(name, { kind: "redrive" });
  await is("running");
  disk.resolve();
  await Promise.all([started, redriven]);
  await turn();
  mend();
  expect(await result).toEqual({ execution: "once/1", status: "succeeded", output: "done" });
});
