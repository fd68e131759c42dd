/** Two invocations that come to the same decision at once, with slots that answer differently each time. */
import { expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import { Engine } from "../../lib/engine/engine.ts";
import { node, workflow } from "../../lib/index.ts";
import type { Program } from "../../lib/model/program.ts";
import type { StepLog } from "../../lib/ports/step-log.ts";
import type { Outcome, OutMessage, Receive } from "../../lib/ports/transport.ts";
import { type Fault, output, Simulation } from "../support/simulation.ts";
import { turn, VirtualClock } from "../support/virtual-clock.ts";
import { cases, problemsOf } from "./scenarios.ts";

const work = node("work", { input: z.json(), output: z.json() });
/** Another branch at each call. */
let calls = 0;
const pick = () => (["one", "two", "three"] as const)[calls++ % 3] ?? "one";

/** An engine whose next decision waits at the log's door until it is let in. */
async function engineOf(program: Program) {
  calls = 0;
  const log = new SingleProcessStepLog(new MemoryStore());
  let door: Promise<void> | undefined;
  let open = () => {};
  const gated = new Proxy<StepLog>(log, {
    get: (_, name: keyof StepLog) => {
      const call = log[name].bind(log) as (...args: unknown[]) => Promise<unknown>;
      if (name !== "decide") return call;
      return async (...args: unknown[]) => {
        const wait = door;
        door = undefined;
        await wait;
        return call(...args);
      };
    },
  });
  const sent: OutMessage[] = [];
  const consumers = new Map<string, Receive>();
  const engine = new Engine({
    log: gated,
    clock: new VirtualClock(),
    transport: {
      send: async (messages) => void sent.push(...messages),
      consume: (queue, receive) => void consumers.set(queue, receive),
      stop: async () => {},
    },
    bus: { put: async () => {}, subscribe: () => {} },
    handlers: { run: async () => output(null), abort: () => {}, stop: async () => {} },
  });
  await engine.add(program);
  await engine.start("race", { id: "1", input: null });
  return {
    log,
    sent,
    take: () => sent.splice(0).map((m) => (m.envelope.kind === "step" ? m.envelope.path : m.envelope.kind)),
    receive: (message: OutMessage | undefined): Promise<Outcome> => {
      const consumer = message && consumers.get(message.queue);
      if (!consumer) throw new Error("no such message");
      return consumer({ envelope: message.envelope, receives: 1, sentAtMs: 0, dead: false });
    },
    holdNextDecision: () => {
      door = new Promise((resolve) => {
        open = resolve;
      });
    },
    letIn: () => open(),
  };
}
const acknowledge = { kind: "acknowledge" };

it("two who start an execution at once go where the first of them decided", async () => {
  const { program } = workflow("race", { input: z.json() }).choice("c", pick, {
    one: (b) => b.task(work.as("a")),
    two: (b) => b.task(work.as("b")),
    three: (b) => b.task(work.as("d")),
  });
  const e = await engineOf(program);
  const [start] = e.sent.splice(0);
  e.holdNextDecision();
  const slow = e.receive(start); // has worked out `one`
  await turn();
  expect(await e.receive(start)).toEqual(acknowledge);
  expect(e.take()).toEqual(["c/two/b"]);
  e.letIn();
  expect(await slow).toEqual(acknowledge);
  expect(e.take()).toEqual(["c/two/b"]);
  expect(await e.receive(start)).toEqual(acknowledge);
  expect(e.take()).toEqual(["c/two/b"]);
});

it("two who see a join full at once go where the first of them decided", async () => {
  const { program } = workflow("race", { input: z.json() })
    .parallel("p", { x: (b) => b.task(work.as("x")), y: (b) => b.task(work.as("y")) })
    .choice("c", pick, {
      one: (b) => b.task(work.as("a")),
      two: (b) => b.task(work.as("b")),
      three: (b) => b.task(work.as("d")),
    });
  const e = await engineOf(program);
  await e.receive(e.sent.pop());
  const [x, y] = e.sent.splice(0);
  expect(await e.receive(x)).toEqual(acknowledge);
  expect(e.take()).toEqual([]);
  e.holdNextDecision();
  const slow = e.receive(y); // sees the join full, and has worked out `one`
  await turn();
  expect(await e.receive(x)).toEqual(acknowledge); // comes again, sees the join full, and works out `two`
  expect(e.take()).toEqual(["c/two/b"]);
  e.letIn();
  expect(await slow).toEqual(acknowledge);
  expect(e.take()).toEqual(["c/two/b"]);
  expect(await e.log.read({ workflow: "race", id: "1" }, "decide/p")).toMatchObject({ taken: { c: "two" } });
});

it("an event that a process sends as soon as it takes over reaches a workflow that it takes in last, and slowly", async () => {
  const sending = cases.find((c) => c.scenario.programs.length > 1);
  if (!sending) throw new Error("no such case");
  const mode = { dies: "process", durable: "each write" } as const;
  const { calls } = await new Simulation(sending.scenario, mode).run();
  const put = calls.indexOf("bus.put") + 1;
  const faults: Fault[] = [
    { at: put, when: "before" },
    { at: put + 2, when: "before", how: "stall" }, // the graph of the workflow that wants the event
  ];
  const sim = await new Simulation(sending.scenario, mode, faults).run();
  expect(sim.calls.slice(put, put + 2)).toEqual(["log.putGraph", "log.putGraph"]);
  expect(problemsOf(sending, sim)).toEqual([]);
});
