/** Timers, signals and calls that meet each other at a bad moment, each message delivered by hand. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { ControlRequest } from "../../lib/engine/requests.ts";
import { contract, node, signal, workflow } from "../../lib/index.ts";
import { mailboxKey } from "../../lib/kernel/record.ts";
import { ByHand } from "../support/by-hand.ts";
import { failure } from "../support/simulation.ts";

const text = z.string();
const of = { input: text, output: text, retry: { maxAttempts: 1 } };
const queued = node("queued", of);
const inlined = node("inlined", { ...of, inline: true });
const decision = signal("decision", { data: text });
const acknowledge = { kind: "acknowledge" };
const HOUR_MS = 3_600_000;
const tell = (data: string, id = data): ControlRequest => ({ kind: "signal", signal: "decision", data, id });

const asks = workflow("asks", { input: text }).waitFor(decision, { timeout: "1 hour" }).task(queued).program;
const asksTwice = workflow("asksTwice", { input: text })
  .waitFor(decision, { timeout: "1 hour" })
  .wait("w", { for: "1 hour" })
  .waitFor(decision.as("again"), { timeout: "1 hour" })
  .output((s) => [s.decision, s.again]).program;
const sleeps = workflow("sleeps", { input: text }).wait("w", { for: "1 hour" }).task(queued).program;
const child = contract("child", { input: text, output: text, errors: ["Declined"] });
const calls = workflow("calls", { input: text }).call(child, {}).task(inlined).program;
const called = workflow("child", { input: text }).task(queued).program;

async function mailbox(t: ByHand, workflowName: string) {
  const record = await t.log.read({ workflow: workflowName, id: "1" }, mailboxKey("decision"));
  return record?.kind === "mailbox" ? record : undefined;
}

describe("a timer", () => {
  it("that rings early is put off until its time", async () => {
    const t = new ByHand();
    const name = await t.start(sleeps);
    const timer = t.take("timer");
    expect(timer.delayMs).toBe(HOUR_MS);
    t.clock.moveTo(t.clock.now() + HOUR_MS - 1_000);
    expect(await t.receive(timer)).toEqual({ kind: "putOff", delayMs: 1_000 });
    t.clock.moveTo(t.clock.now() + 1_000);
    expect(await t.receive(timer)).toEqual(acknowledge);
    await t.deliverAll();
    expect(await t.status(name)).toBe("succeeded");
  });

  it("finds the signal that came before it, and goes on with that", async () => {
    const t = new ByHand();
    const name = await t.start(asks);
    const timer = t.take("timer");
    // Assigned, and whoever received it dies before it decides.
    t.before = { name: "decide", first: () => Promise.reject(new Error("the process died")) };
    await expect(t.ask(name, tell("yes"))).rejects.toThrow("died");
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    expect(await t.receive(timer)).toEqual(acknowledge);
    await t.deliverAll();
    expect(t.runs.map(({ input }) => input)).toEqual(["yes"]);
    expect(await mailbox(t, "asks")).toMatchObject({ signals: [], known: ["yes"] });
  });

  it("that has come first leaves the signal for who waits next", async () => {
    const t = new ByHand();
    const name = await t.start(asks);
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    const late = await t.asked(name, tell("late"));
    expect(await t.receive(t.take("timer"))).toEqual(acknowledge);
    expect(await t.receive(late)).toEqual(acknowledge);
    await t.deliverAll();
    expect((await t.log.header(name))?.error).toMatchObject({ code: "timeout", path: "decision" });
    expect(await mailbox(t, "asks")).toMatchObject({ signals: [{ id: "late" }] });
  });

  it("of what a redrive does over is due as long after the redrive, and hears the signal that came late", async () => {
    const t = new ByHand();
    const name = await t.start(asks);
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    await t.receive(t.take("timer"));
    await t.deliverAll();
    expect(await t.status(name)).toBe("failed");
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    await t.ask(name, { kind: "redrive" });
    expect(t.take("timer")).toMatchObject({ delayMs: HOUR_MS, envelope: { epoch: 1 } });
    await t.ask(name, tell("yes"));
    await t.deliverAll();
    expect(await t.status(name)).toBe("succeeded");
  });

  it("that has decided and died goes on when it comes again, though a new process counts from one", async () => {
    const t = new ByHand();
    const name = await t.start(sleeps);
    const timer = t.take("timer");
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    await t.receive(timer);
    t.take("step"); // never sent
    expect(await t.receive(timer)).toEqual(acknowledge);
    await t.deliverAll();
    expect(await t.status(name)).toBe("succeeded");
  });

  it("of the epoch before does nothing", async () => {
    const t = new ByHand();
    const name = await t.start(sleeps);
    const old = t.take("timer");
    await t.ask(name, { kind: "cancel" });
    await t.deliverAll();
    await t.ask(name, { kind: "redrive" });
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    expect(await t.receive(old)).toEqual(acknowledge);
    expect(t.kinds()).toEqual(["timer"]);
  });
});

describe("a signal", () => {
  it("is not swallowed by a wait that is over, whose message comes again", async () => {
    const t = new ByHand();
    await t.engine.add(asksTwice);
    const name = { workflow: "asksTwice", id: "1" };
    await t.engine.start("asksTwice", { id: "1", input: "in" });
    const start = t.take("start");
    await t.receive(start);
    // The same start once more, which looks at the mailbox only when all of this is over.
    t.before = {
      name: "mail",
      first: async () => {
        await t.ask(name, tell("1"));
        await t.ask(name, tell("2"));
      },
    };
    await t.receive(start, { receives: 1 });
    expect(await mailbox(t, "asksTwice")).toMatchObject({ signals: [{ id: "2" }], known: ["1"] });
  });

  it("that came twice is one", async () => {
    const t = new ByHand();
    const name = await t.start(asksTwice);
    const one = await t.asked(name, tell("one"));
    for (let i = 0; i < 3; i++) expect(await t.receive(one)).toEqual(acknowledge);
    expect(await mailbox(t, "asksTwice")).toMatchObject({ signals: [], known: ["one"] });
  });

  it("is this wait's until all that it led to is carried on", async () => {
    const t = new ByHand();
    const inline = workflow("inline", { input: text }).waitFor(decision).task(inlined).program;
    const name = await t.start(inline);
    const message = await t.asked(name, tell("yes"));
    // Another holds the step: what follows rides on this message.
    const lease = { node: "inlined", nowMs: t.clock.now(), leaseMs: 60_000, skewMs: 0 };
    await t.log.claim({ ...name, expiresAt: 0 }, "inlined", lease);
    expect(await t.receive(message)).toMatchObject({ kind: "putOff" });
    t.clock.moveTo(t.clock.now() + 60_000);
    expect(await t.receive(message, { receives: 2 })).toEqual(acknowledge);
    expect(await t.status(name)).toBe("succeeded");
  });

  it("that comes while its execution is redriven goes to who waits then", async () => {
    const t = new ByHand();
    const name = await t.start(asks);
    await t.ask(name, { kind: "cancel" });
    const message = {
      queue: "asks",
      envelope: { kind: "signal", v: 1, ...name, signal: "decision", signalId: "1", data: "yes" },
    } as const;
    t.before = { name: "mail", first: () => t.ask(name, { kind: "redrive" }) };
    expect(await t.receive(message)).toMatchObject({ kind: "putOff" });
    expect(await t.receive(message, { receives: 2 })).toEqual(acknowledge);
    await t.deliverAll();
    expect(t.runs.map(({ input }) => input)).toEqual(["yes"]);
    expect(await t.status(name)).toBe("succeeded");
  });

  it("that had come when the execution was cancelled is there for the redrive", async () => {
    const t = new ByHand();
    const name = await t.start(asks);
    t.before = { name: "decide", first: () => Promise.reject(new Error("the process died")) };
    await expect(t.ask(name, tell("yes"))).rejects.toThrow("died");
    await t.ask(name, { kind: "cancel" });
    expect(await t.status(name)).toBe("cancelled");
    expect(t.runs).toEqual([]);
    await t.ask(name, { kind: "redrive" });
    await t.deliverAll();
    expect(t.runs.map(({ input }) => input)).toEqual(["yes"]);
  });

  it("need not come again when only what followed from it has failed", async () => {
    const t = new ByHand();
    let broken = true;
    const flow = workflow("checks", { input: text })
      .wait("w", { for: "1 hour" })
      .waitFor(decision, { timeout: "1 day" })
      .set("checked", (s) => {
        if (broken) throw new Error("broken");
        return s.decision;
      }).program;
    const name = await t.start(flow);
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    await t.receive(t.take("timer"));
    await t.ask(name, tell("yes"));
    await t.deliverAll();
    expect((await t.log.header(name))?.error).toMatchObject({ code: "slot_failed" });
    broken = false;
    await t.ask(name, { kind: "redrive" });
    expect(await t.status(name)).toBe("succeeded");
  });

  it("is kept for an execution that is not known yet, and is a dead letter of one that never is", async () => {
    const t = new ByHand();
    await t.engine.add(asks);
    const envelope = {
      kind: "signal",
      v: 1,
      workflow: "asks",
      id: "2",
      signal: "decision",
      signalId: "1",
      data: "yes",
    } as const;
    const sentAtMs = t.clock.now();
    expect(await t.receive({ queue: "asks", envelope })).toMatchObject({ kind: "putOff" });
    t.clock.moveTo(sentAtMs + 60_000);
    expect(await t.receive({ queue: "asks", envelope }, { sentAtMs })).toMatchObject({
      kind: "bury",
      reason: expect.stringMatching("unknown_execution"),
    });
  });

  it.each([
    ["unknown_signal", { signal: "other", data: "yes" }],
    ["invalid_signal", { signal: "decision", data: 1 }],
  ])("is a dead letter where nobody has looked at it before: %s", async (code, given) => {
    const t = new ByHand();
    const name = await t.start(asks);
    const envelope = { kind: "signal", v: 1, ...name, signalId: "1", ...given } as const;
    const outcome = await t.receive({ queue: "asks", envelope });
    expect(outcome).toMatchObject({ kind: "bury", reason: expect.stringMatching(code) });
  });
});

describe("a deadline", () => {
  const limited = workflow("limited", { input: text, timeout: "1 hour" }).task(queued).program;
  it("of the epoch before stops nothing, and aborts nothing that a redrive has begun", async () => {
    const t = new ByHand();
    t.answer = () => failure("Broken", true);
    const name = await t.start(limited);
    const old = t.take("deadline");
    await t.deliverAll();
    expect(await t.status(name)).toBe("failed");
    const aborted = t.aborted.length;
    await t.ask(name, { kind: "redrive" });
    t.clock.moveTo(t.clock.now() + HOUR_MS);
    expect(await t.receive(old)).toEqual(acknowledge);
    expect(await t.status(name)).toBe("running");
    expect(t.aborted.length).toBe(aborted);
    expect(t.take("deadline")).toMatchObject({ delayMs: HOUR_MS, envelope: { epoch: 1 } });
  });
  it("that rings early is put off", async () => {
    const t = new ByHand();
    const name = await t.start(limited);
    t.clock.moveTo(t.clock.now() + HOUR_MS - 5);
    expect(await t.receive(t.take("deadline"))).toEqual({ kind: "putOff", delayMs: 5 });
    expect(await t.status(name)).toBe("running");
  });
});

describe("a call", () => {
  it("is not answered by another execution, nor by one that has not ended", async () => {
    const t = new ByHand();
    const name = await t.start(calls, called);
    const { envelope } = t.take("start");
    const { caller } = envelope;
    if (!caller) throw new Error("the start names no caller");
    await t.receive({ queue: "child", envelope });
    const { depth: _, ...to } = caller;
    const returned = (id: string) => ({
      queue: "calls",
      envelope: { kind: "returned" as const, ...to, child: `child/${id}` },
    });
    const { caller: __, ...other } = { ...envelope, id: "other", trigger: { kind: "direct" as const } };
    await t.receive({ queue: "child", envelope: other });
    await t.receive(returned(envelope.id));
    t.answer = ({ step, input }) =>
      step.execution === "child/other" ? { kind: "output", output: "other" } : { kind: "output", output: `${input}!` };
    await t.receive(t.take("step")); // of the one that was called
    const real = t.take("returned");
    await t.deliverAll();
    expect((await t.log.header({ workflow: "child", id: "other" }))?.status).toBe("succeeded");
    await t.receive(returned("other"));
    expect(await t.status(name)).toBe("running");
    await t.receive(real);
    expect(await t.status(name)).toBe("succeeded");
    expect(t.runs.at(-1)).toMatchObject({ input: "in!", step: { execution: "calls/1" } });
  });

  it("that was cancelled before its execution had begun is begun, cancelled and waited for", async () => {
    const t = new ByHand();
    const name = await t.start(calls, called);
    const late = t.take("start");
    const cancel = await t.asked(name, { kind: "cancel" });
    expect(await t.receive(cancel)).toMatchObject({ kind: "putOff" });
    expect(await t.status(name)).toBe("stopping");
    await t.receive(t.take("start"));
    expect(await t.receive(cancel, { receives: 2 })).toMatchObject({ kind: "putOff" });
    await t.receive(t.take("stop"));
    expect(await t.receive(cancel, { receives: 3 })).toEqual(acknowledge);
    expect(await t.status(name)).toBe("cancelled");
    await t.receive(late);
    await t.deliverAll();
    expect(t.runs).toEqual([]);
    expect((await t.log.header({ workflow: "child", id: late.envelope.id }))?.status).toBe("cancelled");
  });

  it("starts another execution when a redrive does it over, and hears only that one", async () => {
    const t = new ByHand();
    const name = await t.start(calls, called);
    const first = t.take("start");
    t.answer = () => failure("Declined", true);
    await t.receive(first);
    await t.deliverAll();
    expect((await t.log.header(name))?.error).toMatchObject({ code: "Declined", path: "child" });
    t.answer = (call) => ({ kind: "output", output: `${call.input}!` });
    await t.ask(name, { kind: "redrive" });
    const second = t.take("start");
    expect(second.envelope.id).not.toBe(first.envelope.id);
    await t.receive(second);
    await t.deliverAll();
    expect(await t.status(name)).toBe("succeeded");
  });

  it("is called again by a redrive after a cancel, also where it would catch the child's own cancellation", async () => {
    const t = new ByHand();
    const flow = workflow("catches", { input: text }).block("b", (b) => b.call(child, {}), {
      catch: { any: (b) => b.set("gave", () => "up") },
    }).program;
    const name = await t.start(flow, called);
    await t.receive(t.take("start"));
    const cancel = await t.asked(name, { kind: "cancel" });
    for (let receives = 1; (await t.receive(cancel, { receives })).kind === "putOff"; receives++)
      while (t.kinds().includes("stop")) await t.receive(t.take("stop"));
    expect(await t.status(name)).toBe("cancelled");
    await t.ask(name, { kind: "redrive" });
    await t.deliverAll();
    expect((await t.engine.show(name)).output).toEqual({ branch: "done", output: "in>queued" });
  });

  it("need not be made again when only what followed from it has failed", async () => {
    const t = new ByHand();
    let broken = true;
    const flow = workflow("checks", { input: text })
      .call(child, {})
      .set("checked", (s) => {
        if (broken) throw new Error("broken");
        return s.child;
      }).program;
    const name = await t.start(flow, called);
    await t.deliverAll();
    expect(await t.status(name)).toBe("failed");
    broken = false;
    await t.ask(name, { kind: "redrive" });
    expect(await t.status(name)).toBe("succeeded");
    expect(t.runs.length).toBe(1);
  });

  it("hears why the workflow does not take it, and gives it the input as its schema reads it", async () => {
    const t = new ByHand();
    const strict = workflow("child", { input: z.string().max(2).default("none") as unknown as typeof text }).task(
      queued,
    );
    const trims = workflow("child", { input: z.string().transform((it) => it.trim()) as unknown as typeof text }).task(
      queued,
    );
    const spaced = (name: string) => workflow(name, { input: text }).call(child, { input: () => " in " }).program;
    const refused = await t.start(spaced("refused"), strict.program);
    await t.deliverAll();
    expect((await t.log.header(refused))?.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching("breaks its schema"),
      path: "child",
    });
    const taken = await t.start(spaced("taken"), trims.program);
    await t.deliverAll();
    expect(await t.status(taken)).toBe("succeeded");
    expect(t.runs.map(({ input }) => input)).toEqual(["in"]);
  });

  it("goes 32 executions deep and no deeper", async () => {
    const t = new ByHand();
    const deep = contract("deep", { input: text, output: text });
    const name = await t.start(workflow("deep", { input: text }).call(deep, {}).program);
    await t.deliverAll();
    const all = await t.log.executions({ workflow: "deep", limit: 100 });
    expect(all.length).toBe(33);
    expect(all.every(({ status }) => status === "failed")).toBe(true);
    expect((await t.log.header(name))?.error).toMatchObject({
      code: "invalid_input",
      message: expect.stringMatching("deep"),
    });
  });
});

describe("a call that nothing waits for", () => {
  const flow = (name: string) =>
    workflow(name, { input: text })
      .task(inlined)
      .call(child, { detached: true, input: (s) => s.input }).program;

  it("starts one execution, and another when a redrive does it over", async () => {
    const t = new ByHand();
    const name = await t.start(flow("leaves"), called);
    const first = t.take("start");
    expect(first.envelope.caller).toBeUndefined();
    expect(await t.status(name)).toBe("succeeded");
    await t.ask(name, { kind: "redrive", from: "inlined" });
    await t.deliverAll();
    const all = await t.log.executions({ workflow: "child", limit: 10 });
    await t.receive(first);
    expect(all.map(({ id }) => id)).not.toContain(first.envelope.id);
    expect(await t.log.executions({ workflow: "child", limit: 10 })).toHaveLength(2);
  });

  it("is a dead letter with the reason when the workflow does not take it", async () => {
    const t = new ByHand();
    const strict = workflow("child", { input: z.string().max(1) }).task(queued).program;
    const name = await t.start(flow("leaves"), strict);
    expect(await t.receive(t.take("start"))).toMatchObject({
      kind: "bury",
      reason: expect.stringMatching("invalid_input"),
    });
    expect(await t.status(name)).toBe("succeeded");
  });
});
