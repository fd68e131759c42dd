/** Control messages that meet other messages at a bad moment: each is delivered by hand, so every order can be had. */
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { MemoryStore } from "../../lib/adapters/memory/store.ts";
import { SingleProcessStepLog } from "../../lib/adapters/single-process/step-log.ts";
import { Engine } from "../../lib/engine/engine.ts";
import type { SingleRequest } from "../../lib/engine/requests.ts";
import { node, workflow } from "../../lib/index.ts";
import type { HandlerCall, HandlerOutcome } from "../../lib/ports/handlers.ts";
import type { StepLog } from "../../lib/ports/step-log.ts";
import type { Delivery, Outcome, OutMessage, Receive } from "../../lib/ports/transport.ts";
import { failure, output } from "../support/simulation.ts";
import { turn, VirtualClock } from "../support/virtual-clock.ts";

const of = { input: z.string(), output: z.string(), retry: { maxAttempts: 1 } };
const charge = node("charge", of);
const ship = node("ship", { ...of, repeatable: true });
const { program } = workflow("order", { input: z.string() }).task(charge).task(ship);
const name = { workflow: "order", id: "1" };
const acknowledge = { kind: "acknowledge" };

let clock: VirtualClock;
let log: SingleProcessStepLog;
let sent: OutMessage[];
let consumers: Map<string, Receive>;
let runs: HandlerCall[];
let answer: (call: HandlerCall) => HandlerOutcome;
let engine: Engine;
let sendsFail: boolean;
/** Called before the log's next call of this name, once. */
let before: { readonly name: keyof StepLog; readonly first: () => Promise<unknown> } | undefined;

beforeEach(async () => {
  clock = new VirtualClock();
  log = new SingleProcessStepLog(new MemoryStore());
  sent = [];
  consumers = new Map();
  runs = [];
  sendsFail = false;
  answer = (call) => output(`${call.input}>${call.step.path}`);
  before = undefined;
  const interrupted = new Proxy<StepLog>(log, {
    get: (_, called: keyof StepLog) => {
      const call = log[called].bind(log) as (...args: unknown[]) => Promise<unknown>;
      return async (...args: unknown[]) => {
        const now = before?.name === called ? before.first : undefined;
        if (now) before = undefined;
        await now?.();
        return call(...args);
      };
    },
  });
  engine = new Engine({
    log: interrupted,
    clock,
    transport: {
      send: async (messages) => {
        if (sendsFail) throw new Error("the process died");
        sent.push(...messages);
      },
      consume: (queue, receive) => void consumers.set(queue, receive),
      stop: async () => {},
    },
    bus: { put: async () => {}, subscribe: () => {} },
    handlers: {
      run: async (call) => {
        runs.push(call);
        return answer(call);
      },
      abort: () => {},
      stop: async () => {},
    },
  });
  await engine.add(program);
  await engine.start("order", { id: "1", input: "card" });
  expect(await receive(take())).toEqual(acknowledge);
});

const take = (): OutMessage | undefined => sent.shift();
async function receive(message: OutMessage | undefined, over: Partial<Delivery> = {}): Promise<Outcome> {
  if (!message) throw new Error("there is no message");
  const consumer = consumers.get(message.queue);
  if (!consumer) throw new Error(`nobody consumes ${message.queue}`);
  return consumer({ envelope: message.envelope, receives: 1, sentAtMs: 0, dead: false, ...over });
}
/** The request's message, not delivered yet. */
async function asked(request: SingleRequest): Promise<OutMessage> {
  await engine.control(name, request);
  const message = sent.pop();
  if (!message) throw new Error(`nothing to ask: ${request.kind}`);
  return message;
}
const ask = async (request: SingleRequest) => expect(await receive(await asked(request))).toEqual(acknowledge);
/** Delivers whatever is sent until nothing is left. */
async function drainQueues(): Promise<void> {
  for (let message = take(); message; message = take()) expect(await receive(message)).toEqual(acknowledge);
}
const status = async () => (await log.header(name))?.status;
const dead = { receives: 31, dead: true };
const deadLetter = (message: OutMessage | undefined): OutMessage => ({ ...message, queue: "order" }) as OutMessage;

describe("a step's message at a paused execution", () => {
  it("is parked, and sent again by the resume", async () => {
    const message = take();
    await ask({ kind: "pause" });
    expect(await receive(message)).toEqual(acknowledge);
    expect(runs).toEqual([]);
    expect(sent).toEqual([]);
    await ask({ kind: "resume" });
    await drainQueues();
    expect(await status()).toBe("succeeded");
  });

  it("comes back when the execution is resumed between the look at its header and the parking", async () => {
    const message = take();
    await ask({ kind: "pause" });
    before = { name: "park", first: () => ask({ kind: "resume" }) };
    expect(await receive(message)).toMatchObject({ kind: "putOff" });
    expect(sent).toEqual([]);
    expect(await receive(message, { receives: 2 })).toEqual(acknowledge);
    await drainQueues();
    expect(await status()).toBe("succeeded");
  });

  it("is not held by whoever parked it", async () => {
    const message = take();
    await ask({ kind: "pause" });
    await receive(message);
    expect(await log.read(name, "step/charge")).toMatchObject({ status: "idle" });
  });
});

describe("a resume", () => {
  it("that is delivered again sends what the first time left, and no more", async () => {
    const message = take();
    await ask({ kind: "pause" });
    await receive(message);
    const resume = await asked({ kind: "resume" });
    before = { name: "unpark", first: () => Promise.reject(new Error("the process died")) };
    await expect(receive(resume)).rejects.toThrow("the process died");
    expect(await receive(resume, { receives: 2 })).toEqual(acknowledge);
    expect(sent.map((m) => m.queue)).toEqual(["order.charge", "order.charge"]);
    expect(await receive(resume, { receives: 3 })).toEqual(acknowledge);
    expect(sent).toHaveLength(2);
  });

  it("that dies over the sending has lost nothing", async () => {
    const message = take();
    await ask({ kind: "pause" });
    await receive(message);
    const resume = await asked({ kind: "resume" });
    sendsFail = true;
    await expect(receive(resume)).rejects.toThrow("the process died");
    sendsFail = false;
    expect(await receive(resume, { receives: 2 })).toEqual(acknowledge);
    await drainQueues();
    expect(await status()).toBe("succeeded");
  });

  it("does not delete what was parked after it had listed", async () => {
    const message = take();
    await ask({ kind: "pause" });
    await receive(message);
    const resume = await asked({ kind: "resume" });
    // Paused again in its midst, and what it has sent is parked again.
    before = {
      name: "unpark",
      first: async () => {
        await ask({ kind: "pause" });
        expect(await receive(take())).toEqual(acknowledge);
      },
    };
    expect(await receive(resume)).toEqual(acknowledge);
    expect(await log.read(name, "parked/charge")).toBeDefined();
    await ask({ kind: "resume" });
    await drainQueues();
    expect(await status()).toBe("succeeded");
  });

  it("that comes late does not resume what was paused after it", async () => {
    await ask({ kind: "pause" });
    const resume = await asked({ kind: "resume" });
    await receive(resume);
    await ask({ kind: "pause" });
    expect(await receive(resume, { receives: 2 })).toEqual(acknowledge);
    expect(await status()).toBe("paused");
  });
});

it("a pause that comes late does not pause what was resumed after it", async () => {
  const pause = await asked({ kind: "pause" });
  await receive(pause);
  await ask({ kind: "resume" });
  expect(await receive(pause, { receives: 2 })).toEqual(acknowledge);
  expect(await status()).toBe("running");
});

describe("after a redrive", () => {
  const fails: typeof answer = () => failure("Declined", true);

  it("the step that failed runs again, under the same key, and the execution goes on", async () => {
    answer = fails;
    await drainQueues();
    expect(await status()).toBe("failed");
    answer = (call) => output(`${call.input}>again`);
    await ask({ kind: "redrive" });
    await drainQueues();
    expect(await status()).toBe("succeeded");
    expect(runs.map(({ step }) => `${step.path} ${step.epoch}`)).toEqual(["charge 0", "charge 0", "ship 0"]);
  });

  it("from a step on, that step and what follows it run again, under keys of their own", async () => {
    await drainQueues();
    await ask({ kind: "redrive", from: "charge", input: "other card" });
    await drainQueues();
    expect(await status()).toBe("succeeded");
    expect(runs.map(({ step, input }) => `${step.path} ${step.epoch} ${input}`)).toEqual([
      ...["charge 0 card", "ship 0 card>charge"],
      ...["charge 1 other card", "ship 1 other card>charge"],
    ]);
  });

  it("a message of the generation before is acknowledged and changes nothing", async () => {
    const old = sent[0];
    answer = fails;
    await drainQueues();
    await ask({ kind: "redrive" });
    const [fresh] = sent.splice(0);
    expect(await receive(old, { receives: 2 })).toEqual(acknowledge);
    await drainQueues();
    expect(await status()).toBe("running");
    expect(runs).toHaveLength(1);
    answer = (call) => output(call.input);
    sent.push(fresh as OutMessage);
    await drainQueues();
    expect(await status()).toBe("succeeded");
  });

  it("a repeatable step of the generation before, which nobody need claim, does not run", async () => {
    await receive(take());
    const [old] = sent;
    await drainQueues();
    await ask({ kind: "redrive", from: "charge" });
    sent.length = 0;
    expect(await receive(old)).toEqual(acknowledge);
    expect(runs.map(({ step }) => step.path)).toEqual(["charge", "ship"]);
  });

  it("a redrive that is delivered again begins no generation more", async () => {
    answer = fails;
    await drainQueues();
    const redrive = await asked({ kind: "redrive" });
    await receive(redrive);
    expect(await receive(redrive, { receives: 2 })).toEqual(acknowledge);
    expect(await log.header(name)).toMatchObject({ epoch: 1, status: "running" });
  });

  it("that died before its last write does the rest when it is delivered again", async () => {
    answer = fails;
    await drainQueues();
    const redrive = await asked({ kind: "redrive" });
    const died = () => Promise.reject(new Error("the process died"));
    const deaths: NonNullable<typeof before>[] = [
      { name: "edit", first: died },
      { name: "turn", first: died },
      // In the heal, which lists again.
      {
        name: "turn",
        first: async () => {
          before = { name: "list", first: died };
        },
      },
    ];
    for (before of deaths) await expect(receive(redrive)).rejects.toThrow("the process died");
    expect(await receive(redrive)).toEqual(acknowledge);
    answer = (call) => output(call.input);
    await drainQueues();
    expect(await status()).toBe("succeeded");
    expect(await log.header(name)).toMatchObject({ epoch: 1 });
  });

  it("a dead letter counts a crash in its own generation, and its step is sent afresh", async () => {
    answer = fails;
    await drainQueues();
    await ask({ kind: "redrive" });
    expect(await receive(deadLetter(take()), dead)).toEqual(acknowledge);
    expect(sent).toMatchObject([{ queue: "order.charge", envelope: { epoch: 1, path: "charge" } }]);
    answer = (call) => output(call.input);
    await turn();
    clock.moveTo(clock.now() + 60_000);
    await drainQueues();
    expect(await status()).toBe("succeeded");
  });
});

describe("a fork", () => {
  const forked = { workflow: "order", id: "2" };
  const request = { kind: "fork", from: "charge", id: "2" } as const;
  const died = () => Promise.reject(new Error("the process died"));
  /** Runs of the fork's steps. */
  const ranThere = () => runs.filter(({ step }) => step.execution === "order/2").map(({ step }) => step.path);

  it("that died before any of its writes does the rest when it is delivered again", async () => {
    await drainQueues();
    const fork = await asked({ ...request, from: "ship" });
    const deaths: NonNullable<typeof before>[] = [
      { name: "decide", first: died },
      { name: "put", first: died },
      { name: "edit", first: died },
      { name: "open", first: died },
      // In the heal, which lists once more.
      {
        name: "open",
        first: async () => {
          before = { name: "list", first: died };
        },
      },
    ];
    for (before of deaths) {
      expect(sent).toEqual([]);
      await expect(receive(fork, { receives: 2 })).rejects.toThrow("the process died");
    }
    expect(await receive(fork, { receives: 3 })).toEqual(acknowledge);
    await drainQueues();
    expect(await log.header(forked)).toMatchObject({ status: "succeeded", epoch: 1 });
    expect(ranThere()).toEqual(["ship"]);
  });

  it("that is delivered again, and late, changes nothing", async () => {
    await drainQueues();
    const fork = await asked(request);
    expect(await receive(fork)).toEqual(acknowledge);
    expect(await receive(fork)).toEqual(acknowledge);
    await drainQueues();
    const before = await log.list(forked);
    expect(await receive(fork, { receives: 2 })).toEqual(acknowledge);
    expect(await log.list(forked)).toEqual(before);
    expect(ranThere()).toEqual(["charge", "ship"]);
  });

  it("is not opened by a start of its id that comes when it is half made", async () => {
    await drainQueues();
    const fork = await asked(request);
    before = { name: "put", first: died };
    await expect(receive(fork)).rejects.toThrow();
    await engine.start("order", { id: "2", input: "another card" });
    expect(await receive(take())).toEqual(acknowledge);
    expect(sent).toEqual([]);
    expect(await log.header(forked)).toBeUndefined();
    expect(await receive(fork, { receives: 2 })).toEqual(acknowledge);
    await drainQueues();
    expect(runs.filter(({ step }) => step.execution === "order/2").map(({ input }) => input)).toEqual([
      "card",
      "card>charge",
    ]);
  });

  it("does not write into an execution that was started under its id meanwhile", async () => {
    await drainQueues();
    const fork = await asked({ ...request, from: "ship" });
    await engine.start("order", { id: "2", input: "another card" });
    const start = take();
    before = { name: "decide", first: () => receive(start) };
    expect(await receive(fork)).toMatchObject({
      kind: "bury",
      reason: expect.stringMatching(/^invalid_fork: .*order\/2/),
    });
    await drainQueues();
    expect(ranThere()).toEqual(["charge", "ship"]);
    expect(await receive(fork)).toMatchObject({ kind: "bury" });
  });

  it("of another step under the same id is refused", async () => {
    await drainQueues();
    const other = await asked({ ...request, from: "ship" });
    await ask(request);
    expect(await receive(other)).toMatchObject({ kind: "bury" });
    await expect(engine.control(name, { ...request, from: "ship" })).rejects.toMatchObject({ code: "invalid_fork" });
    expect(await engine.control(name, request)).toBe(false);
  });

  it("begins with the generation that was seen, whatever becomes of the other one", async () => {
    await drainQueues();
    const fork = await asked({ ...request, from: "ship" });
    await ask({ kind: "redrive", from: "charge", input: "other card" });
    await drainQueues();
    expect(await receive(fork)).toEqual(acknowledge);
    await drainQueues();
    expect(runs.at(-1)).toMatchObject({ input: "card>charge", step: { execution: "order/2", path: "ship" } });
  });

  it("waits for one that has come to be stopping", async () => {
    await receive(take());
    const fork = await asked(request);
    await log.turn(name, { epoch: 0, from: ["running"], to: "stopping", ending: "cancelled" });
    expect(await receive(fork)).toEqual({ kind: "putOff", delayMs: 200 });
    expect(await log.read(forked, "decide/#start")).toBeUndefined();
    await log.turn(name, { epoch: 0, from: ["stopping"], to: "cancelled", endedAtMs: clock.now() });
    expect(await receive(fork, { receives: 2 })).toEqual(acknowledge);
    sent.splice(0, 1); // the other one's
    await drainQueues();
    expect(ranThere()).toEqual(["charge", "ship"]);
  });

  it("whose graph is not stored yet comes again", async () => {
    await drainQueues();
    const fork = await asked(request);
    const unknown = { ...fork, envelope: { ...fork.envelope, graph: "0" } } as OutMessage;
    expect(await receive(unknown, { sentAtMs: clock.now() })).toMatchObject({ kind: "putOff" });
  });
});

describe("a heal", () => {
  it("sends again what a purged queue has lost", async () => {
    sent.length = 0;
    await ask({ kind: "heal" });
    await drainQueues();
    expect(await status()).toBe("succeeded");
    expect(runs).toHaveLength(2);
  });
  it("goes on with a stop whose message was lost", async () => {
    answer = () => failure("Declined", true);
    await receive(take());
    before = { name: "list", first: () => Promise.reject(new Error("the process died")) };
    await expect(receive(take())).rejects.toThrow("the process died");
    expect(await status()).toBe("stopping");
    await ask({ kind: "heal" });
    expect(await status()).toBe("failed");
  });
});

describe("a stop", () => {
  it("closes what a step opens that settles while it looks", async () => {
    const message = take();
    const cancel = await asked({ kind: "cancel" });
    // The step settles, and so opens the next one, between the look at the log and its closing.
    before = {
      name: "close",
      first: async () => {
        const { record } = (await log.claim({ ...name, expiresAt: 0 }, "charge", {
          ...{ node: "charge", nowMs: clock.now(), leaseMs: 1, skewMs: 0 },
        })) as { record: { fence: number } };
        await log.settle({ ...name, expiresAt: 0 }, "charge", {
          ...{ node: "charge", holder: record.fence, atMs: clock.now(), startedAtMs: 0, result: { output: "x" } },
          decision: { next: [{ kind: "step", path: "ship", bind: { prev: "step/charge" } }] },
        });
      },
    };
    expect(await receive(cancel)).toEqual(acknowledge);
    expect(await log.read(name, "step/ship")).toMatchObject({ status: "settled", closed: true });
    expect(await status()).toBe("cancelled");
    expect(await receive(message)).toEqual(acknowledge);
    await drainQueues();
    expect(runs).toEqual([]);
  });
});
