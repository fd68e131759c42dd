/** What the engine makes of a handler's beats: the lease, the fence, and the end of the execution. */
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import { Engine } from "../../lib/engine/engine.ts";
import { node, workflow } from "../../lib/index.ts";
import type { StepRecord } from "../../lib/kernel/record.ts";
import type { Beat, HandlerCall, HandlerOutcome } from "../../lib/ports/handlers.ts";
import type { Delivery, Outcome, OutMessage, Receive } from "../../lib/ports/transport.ts";
import { output } from "../support/simulation.ts";
import { turn, VirtualClock } from "../support/virtual-clock.ts";

// The builder takes it, and its types do not offer it yet.
const ofVisit = { heartbeat: "6 seconds" } as object;
const charge = node("charge", {
  ...{ input: z.string(), output: z.string(), timeout: "10 minutes", heartbeat: "30 seconds" },
});
const { program } = workflow("order", { input: z.string() })
  .task(charge)
  .task(charge.as("often"), { ...ofVisit });
const name = { workflow: "order", id: "1" };
/** The heartbeat, a third of it that may pass before a beat is told, and what is left for settling. */
const LEASE_MS = 45_000;

interface Attempt {
  readonly call: HandlerCall;
  readonly beat: Beat;
  readonly end: (outcome: HandlerOutcome) => void;
}
let clock: VirtualClock;
let log: SingleProcessStepLog;
let engine: Engine;
let sent: OutMessage[];
let consumers: Map<string, Receive>;
let attempts: Attempt[];
let aborted: string[];

beforeEach(async () => {
  clock = new VirtualClock();
  log = new SingleProcessStepLog(new MemoryStore());
  [sent, attempts, aborted] = [[], [], []];
  consumers = new Map();
  engine = new Engine({
    log,
    clock,
    transport: {
      send: async (messages) => void sent.push(...messages),
      consume: (queue, receive) => void consumers.set(queue, receive),
      stop: async () => {},
    },
    bus: { put: async () => {}, subscribe: () => {} },
    handlers: {
      run: (call, _, beat) => new Promise((end) => attempts.push({ call, beat, end })),
      abort: (execution, scope) => void aborted.push(`${execution} '${scope}'`),
      stop: async () => {},
    },
  });
  await engine.add(program);
  await engine.start("order", { id: "1", input: "card" });
  await receive(sent.pop());
});

async function receive(message: OutMessage | undefined, over: Partial<Delivery> = {}): Promise<Outcome> {
  if (!message) throw new Error("there is no message");
  const consumer = consumers.get(message.queue);
  if (!consumer) throw new Error(`nobody consumes ${message.queue}`);
  return consumer({ envelope: message.envelope, receives: 1, sentAtMs: 0, dead: false, ...over });
}
/** An attempt that is under way, the message that it is for, and what becomes of that. */
async function begun() {
  const message = sent.pop();
  const outcome = receive(message);
  await turn();
  const attempt = attempts.at(-1);
  if (!attempt) throw new Error("nothing is attempted");
  return { message, outcome, ...attempt };
}
const step = async (path = "charge") => (await log.read(name, `step/${path}`)) as StepRecord | undefined;

describe("a step with a heartbeat", () => {
  it("is held for little longer than the heartbeat, so that another attempt begins soon after a crash", async () => {
    const { message, call } = await begun();
    expect(call).toMatchObject({ heartbeatMs: 30_000 });
    clock.moveTo(clock.now() + LEASE_MS - 1);
    expect(await receive(message)).toEqual({ kind: "putOff", delayMs: 1 });
    clock.moveTo(clock.now() + 1);
    void receive(message);
    await turn();
    expect(attempts).toHaveLength(2);
  });
  it("is held as long again at each beat", async () => {
    const { message, beat, end, outcome } = await begun();
    for (let i = 0; i < 10; i++) {
      clock.moveTo(clock.now() + LEASE_MS - 1);
      expect(await beat()).toBe("go on");
      expect(await receive(message)).toEqual({ kind: "putOff", delayMs: LEASE_MS });
    }
    end(output("done"));
    expect(await outcome).toEqual({ kind: "acknowledge" });
    expect(await step()).toMatchObject({ status: "settled", fence: 1, output: "done" });
  });
  it("is not held again by a beat of who has lost it", async () => {
    const { message, beat } = await begun();
    clock.moveTo(clock.now() + LEASE_MS);
    void receive(message);
    await turn();
    const held = await step();
    clock.moveTo(clock.now() + 1000);
    await expect(beat()).rejects.toThrow(/has lost its step/);
    expect(await step()).toEqual(held);
  });
  it("may have a heartbeat of its own", async () => {
    const first = await begun();
    first.end(output("x"));
    await first.outcome;
    const { call, message } = await begun();
    expect(call).toMatchObject({ step: { path: "often" }, heartbeatMs: 6_000 });
    expect(await receive(message)).toEqual({ kind: "putOff", delayMs: 8_000 + 5_000 });
  });
  it("hears at a beat that its execution is ending, and what runs here hears it at once", async () => {
    const { beat, end, outcome } = await begun();
    expect(await beat()).toBe("go on");
    await engine.control(name, { kind: "cancel" });
    const stop = sent.pop();
    await receive(stop);
    expect(aborted).toEqual(["order/1 ''"]);
    expect(await beat()).toBe("stop");
    end({ kind: "error", code: "handler_failed", message: "AbortError", final: false });
    expect(await outcome).toEqual({ kind: "acknowledge" });
    await receive(stop);
    expect(await step()).toMatchObject({ status: "settled", closed: true, failures: 1 });
    expect(await log.header(name)).toMatchObject({ status: "cancelled" });
  });
});
