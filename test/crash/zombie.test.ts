/** Two invocations hold the same step's message: one slept past the end of its lease, the other took over. */
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import { Engine } from "../../lib/engine/engine.ts";
import { node, workflow } from "../../lib/index.ts";
import type { StepRecord } from "../../lib/kernel/record.ts";
import type { HandlerOutcome } from "../../lib/ports/handlers.ts";
import type { Delivery, Outcome, OutMessage, Receive } from "../../lib/ports/transport.ts";
import { failure, output } from "../support/simulation.ts";
import { turn, VirtualClock } from "../support/virtual-clock.ts";

const charge = node("charge", {
  input: z.string(),
  output: z.string(),
  timeout: "30 seconds",
  retry: { maxAttempts: 1 },
});
const { program } = workflow("order", { input: z.string() }).task(charge).task(charge.as("again"));
const name = { workflow: "order", id: "1" };
/** The handler's time, and what is left for settling. */
const LEASE_MS = 35_000;
const HOUR_MS = 60 * 60_000;

let clock: VirtualClock;
let log: SingleProcessStepLog;
let sent: OutMessage[];
let consumers: Map<string, Receive>;
/** Handler calls under way: the test ends each with an outcome. */
let running: ((outcome: HandlerOutcome) => void)[];

beforeEach(async () => {
  clock = new VirtualClock();
  log = new SingleProcessStepLog(new MemoryStore());
  sent = [];
  consumers = new Map();
  running = [];
  const engine = new Engine({
    log,
    clock,
    transport: {
      send: async (messages) => void sent.push(...messages),
      consume: (queue, receive) => void consumers.set(queue, receive),
      stop: async () => {},
    },
    bus: { put: async () => {}, subscribe: () => {} },
    handlers: { run: () => new Promise((resolve) => running.push(resolve)), abort: () => {}, stop: async () => {} },
  });
  await engine.add(program);
  await engine.start("order", { id: "1", input: "card" });
  expect(await receive(sent.pop())).toEqual({ kind: "acknowledge" });
});

async function receive(message: OutMessage | undefined, over: Partial<Delivery> = {}): Promise<Outcome> {
  if (!message) throw new Error("there is no message");
  const consumer = consumers.get(message.queue);
  if (!consumer) throw new Error(`nobody consumes ${message.queue}`);
  return consumer({ envelope: message.envelope, receives: 1, sentAtMs: 0, dead: false, ...over });
}
const step = async () => (await log.read(name, "step/charge")) as StepRecord | undefined;

/** The first invocation sleeps, the second holds the step. */
async function takenOver(): Promise<{ first: Promise<Outcome>; second: Promise<Outcome> }> {
  const [message] = sent;
  const first = receive(message);
  await turn();
  clock.moveTo(clock.now() + LEASE_MS);
  const second = receive(message, { receives: 2 });
  await turn();
  expect(running).toHaveLength(2);
  sent.length = 0;
  return { first, second };
}

describe("a message that comes while its step is held", () => {
  it("is put off until just the end of the lease", async () => {
    const [message] = sent;
    void receive(message);
    await turn();
    clock.moveTo(clock.now() + 1000);
    expect(await receive(message)).toEqual({ kind: "putOff", delayMs: LEASE_MS - 1000 });
    clock.moveTo(clock.now() + LEASE_MS - 1001);
    expect(await receive(message)).toEqual({ kind: "putOff", delayMs: 1 });
    expect(running).toHaveLength(1);
  });
});

describe("a holder whose lease has ended and whose step another holds", () => {
  it.each([
    ["an output", output("too late")],
    ["a failure", failure("handler_failed", false)],
    ["a final failure", failure("Declined", true)],
  ])("changes nothing and does not acknowledge: %s", async (_, outcome) => {
    const { first, second } = await takenOver();
    running[0]?.(outcome);
    expect(await first).toEqual({ kind: "putOff", delayMs: LEASE_MS });
    expect(await step()).toMatchObject({ status: "running", fence: 2, failures: 0 });
    expect(sent).toEqual([]);
    running[1]?.(output("in time"));
    expect(await second).toEqual({ kind: "acknowledge" });
    expect(await step()).toMatchObject({ status: "settled", output: "in time" });
  });

  it.each([
    ["an output", output("too late")],
    ["a final failure", failure("Declined", true)],
  ])("dispatches what the other settled, and acknowledges: %s", async (_, outcome) => {
    const { first, second } = await takenOver();
    running[1]?.(output("in time"));
    expect(await second).toEqual({ kind: "acknowledge" });
    expect(sent.splice(0)).toMatchObject([{ envelope: { path: "again" } }]);
    running[0]?.(outcome);
    expect(await first).toEqual({ kind: "acknowledge" });
    // The other may have died between its write and its message: this one cannot know, so it sends again.
    expect(sent).toMatchObject([{ envelope: { path: "again" } }]);
    expect(await step()).toMatchObject({ status: "settled", output: "in time", fence: 2 });
  });
});

describe("a dead letter", () => {
  const dead = { receives: 31, dead: true };

  it("of a step that is held is put off", async () => {
    const [message] = sent;
    void receive(message);
    await turn();
    const control = { ...message, queue: "order" } as OutMessage;
    expect(await receive(control, dead)).toEqual({ kind: "putOff", delayMs: LEASE_MS });
  });

  it("of a step that nobody holds counts a crash and sends the step afresh", async () => {
    const message = sent.pop();
    const control = { queue: "order", envelope: message?.envelope } as OutMessage;
    expect(await receive(control, dead)).toEqual({ kind: "acknowledge" });
    expect(await step()).toMatchObject({ status: "idle", crashes: 1 });
    expect(sent).toMatchObject([{ queue: "order.charge", envelope: { path: "charge", attempt: 2 } }]);
  });

  it("settles the step as crashed at the third time", async () => {
    const control = { queue: "order", envelope: sent.pop()?.envelope } as OutMessage;
    for (let i = 1; i <= 2; i++) {
      await receive(control, dead);
      expect(await step()).toMatchObject({ status: "idle", crashes: i });
      clock.moveTo(clock.now() + 60_000);
    }
    sent.length = 0;
    expect(await receive(control, dead)).toEqual({ kind: "acknowledge" });
    expect(await step()).toMatchObject({ status: "settled", error: { code: "crashed" } });
    expect(sent).toMatchObject([{ envelope: { kind: "stop", error: { code: "crashed", path: "charge" } } }]);
  });

  it("of a step that has settled dispatches again, and settles nothing anew", async () => {
    const [message] = sent;
    const first = receive(message);
    await turn();
    running[0]?.(output("charged"));
    await first;
    sent.length = 0;
    expect(await receive({ ...message, queue: "order" } as OutMessage, dead)).toEqual({ kind: "acknowledge" });
    expect(sent).toMatchObject([{ envelope: { path: "again" } }]);
    expect(await step()).toMatchObject({ output: "charged", crashes: 0 });
  });
});

describe("a message that does not belong where it is", () => {
  it("is kept aside with the reason", async () => {
    const stop = {
      kind: "stop",
      v: 1,
      ...name,
      graph: program.hash,
      epoch: 0,
      error: { code: "X", message: "", path: "" },
    };
    expect(await receive({ queue: "order.charge", envelope: stop } as OutMessage)).toEqual({
      kind: "bury",
      reason: "a message of kind 'stop' in a node's queue",
    });
  });
  it("is put off when its graph is not known, for a deploy is under way, and kept aside after an hour", async () => {
    const [message] = sent;
    const envelope = { ...message?.envelope, graph: "0".repeat(32) };
    const at = (agoMs: number) => receive({ ...message, envelope } as OutMessage, { sentAtMs: clock.now() - agoMs });
    expect(await at(0)).toEqual({ kind: "putOff", delayMs: 20_000 });
    expect(await at(HOUR_MS - 1)).toEqual({ kind: "putOff", delayMs: 20_000 });
    expect(await at(HOUR_MS)).toMatchObject({ kind: "bury", reason: expect.stringContaining("0".repeat(32)) });
  });
});
