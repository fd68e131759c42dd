/** Which states executions are at, from their log alone: what a deployment is held against. */
import { expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessEventBus } from "../../lib/adapters/single-process/event-bus.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import { SingleProcessTransport } from "../../lib/adapters/single-process/transport.ts";
import { whereIs } from "../../lib/cli/in-flight.ts";
import { Engine } from "../../lib/engine/engine.ts";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { node, signal, workflow } from "../../lib/index.ts";
import { mayReach } from "../../lib/versions/may-reach.ts";
import { output } from "../support/simulation.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const json = { input: z.json(), output: z.json() };
const [book, unbook, work] = [node("book", json), node("unbook", { input: z.json() }), node("work", json)];
const go = signal("go", { data: z.json() });
const { program } = workflow("trip", { input: z.json() })
  .task(book, { undo: unbook })
  .block("payment", (b) => b.waitFor(go), { catch: { timeout: (b) => b.wait("nap", { for: "1 day" }) } })
  .race("first", { told: (b) => b.waitFor(go.as("told")), late: (b) => b.wait("rest", { for: "1 day" }) })
  .map("all", { over: () => [1, 2], each: (b) => b.waitFor(go.as("each")) })
  .loop("rounds", {
    from: () => 0,
    each: (b) => b.waitFor(go.as("turn")).set("next", (s) => s.round.n),
    until: (n) => n > 1,
    max: 3,
  })
  .task(work, { input: () => "last" });

function trip() {
  const store = new MemoryStore();
  const clock = new VirtualClock();
  const log = new SingleProcessStepLog(store);
  const transport = new SingleProcessTransport({ store, clock, concurrency: 10, onError: () => {} });
  const engine = new Engine({
    ...{ log, transport, clock, bus: new SingleProcessEventBus(transport) },
    handlers: {
      run: async ({ node: of }) => {
        if (of === "unbook") await clock.sleep(20_000);
        return output(of === "unbook" ? null : of);
      },
      abort: () => {},
      stop: async () => {},
    },
  });
  const name = { workflow: "trip", id: "1" };
  const header = async () => {
    const found = await log.header(name);
    if (!found) throw new Error("it has not begun");
    return found;
  };
  return {
    begin: async () => {
      await engine.add(program);
      await engine.start("trip", { id: "1", input: null });
      await clock.pass(0);
    },
    at: async () => [...(await whereIs(log, await header()))].sort(),
    status: async () => (await header()).status,
    ask: async (request: ControlRequest) => {
      const asked = engine.control(name, request);
      await clock.pass(1_000);
      await asked;
    },
  };
}
let signals = 0;
const told = (): ControlRequest => ({ kind: "signal", signal: "go", data: null, id: `s${signals++}` });

it("an execution is at the states that are not done: of a race all branches, of maps and loops the item's and round's", async () => {
  const t = trip();
  await t.begin();
  expect(await t.at()).toEqual(["payment/done/go"]);
  await t.ask(told());
  expect(await t.at()).toEqual(["first/late/rest", "first/told/told"]);
  await t.ask({ kind: "pause" });
  expect(await t.at()).toEqual(["first/late/rest", "first/told/told"]);
  await t.ask({ kind: "resume" });
  await t.ask(told());
  expect(await t.at()).toEqual(["all/each/each"]);
  await t.ask(told());
  expect(await t.at()).toEqual(["all", "all/each/each"]); // one has arrived
  await t.ask(told());
  expect(await t.at()).toEqual(["rounds/each/turn"]);
});

it("one that is being undone comes to what is undone, and to nothing else", async () => {
  const t = trip();
  await t.begin();
  await t.ask({ kind: "cancel" });
  expect(await t.status()).toBe("stopping");
  expect(mayReach(program.graph, await t.at())).toEqual(new Set(["book"]));
});

it("one that was redriven is where its generation of the log is", async () => {
  const t = trip();
  await t.begin();
  await t.ask({ kind: "cancel", undo: false });
  expect(await t.status()).toBe("cancelled");
  await t.ask({ kind: "redrive" });
  expect(await t.status()).toBe("running");
  expect(await t.at()).toEqual(["payment/done/go"]);
});
