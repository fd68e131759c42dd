/** Forks of executions on the real engine in virtual time: what a new execution begins with, and what runs in it. */
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { event, node, signal, workflow } from "../../lib/index.ts";
import type { Json } from "../../lib/model/json.ts";
import { implement } from "../../lib/node/index.ts";
import { testWorkflow } from "../../lib/testing/index.ts";
import { a, b, c, trial, undoB } from "../support/trial.ts";

const approved = signal("approved", { data: z.object({ by: z.string() }) });
const paid = event("shop", "Paid", { version: 1, data: z.object({ by: z.string() }) });

const input = { input: z.string() };
const order = workflow("order", input)
  .task(a)
  .parallel("p", { pay: (p) => p.task(b).emit(paid, (s) => ({ by: s.b })), look: (p) => p.task(c.as("pack")) })
  .task(c, { input: (s) => `${s.p.pay}+${s.p.look}` });

describe("a fork", () => {
  it("runs the step and what followed from it, and nothing that was done before or beside it", async () => {
    const { test, pathsIn, fork } = await trial(order);
    const first = await test.start("in", { id: "1" });
    const forked = await fork(first, "p/pay/b", { input: "other" });
    expect(first).toMatchObject({ status: "succeeded", output: "in>a>b+in>a>pack>c" });
    expect(forked).toMatchObject({
      execution: "order/2",
      ...{ status: "succeeded", input: "in", output: "other>b+in>a>pack>c" },
      trigger: { kind: "fork", execution: "order/1", path: "p/pay/b", epoch: 0 },
    });
    expect(forked.steps.map(({ path, status }) => `${path} ${status}`)).toEqual(
      first.steps.map(({ path, status }) => `${path} ${status}`),
    );
    expect(pathsIn("order/2")).toEqual(["p/pay/b", "c"]);
  });

  it("leaves the other execution as it is", async () => {
    const { test, fork } = await trial(order);
    const first = await test.start("in", { id: "1" });
    await fork(first, "a");
    expect(await test.show(first)).toEqual(first);
  });

  it("runs what it runs under keys of its own", async () => {
    const { test, ran, fork } = await trial(order);
    await fork(await test.start("in", { id: "1" }), "p/pay/b");
    expect(new Set(ran.map(({ key }) => key)).size).toBe(ran.length);
  });

  it("emits again what the step leads to, under an id of its own, and not what was emitted before", async () => {
    const { test, fork } = await trial(order);
    const first = await test.start("in", { id: "1" });
    const [before] = first.emitted;
    expect((await fork(first, "c")).emitted).toEqual([]);
    const { emitted } = await fork(first, "p/pay/b", { id: "3" });
    expect(emitted).toEqual([{ ...before, id: expect.any(String), time: expect.any(String) }]);
    expect(emitted[0]?.id).not.toBe(before?.id);
  });

  it("from a step that failed goes on where the other one ended", async () => {
    const { test, fails, pathsIn, fork } = await trial(order);
    fails.add("p/pay/b");
    const first = await test.start("in", { id: "1" });
    fails.clear();
    expect(first).toMatchObject({ status: "failed" });
    expect(await fork(first, "p/pay/b")).toMatchObject({ status: "succeeded", output: "in>a>b+in>a>pack>c" });
    expect(pathsIn("order/2")).toEqual(["p/pay/b", "c"]);
  });

  it("does anew what failed beside the step", async () => {
    const { test, fails, pathsIn, fork } = await trial(order);
    fails.add("p/pay/b");
    const first = await test.start("in", { id: "1" });
    fails.clear();
    expect(await fork(first, "p/look/pack")).toMatchObject({ status: "succeeded" });
    expect(pathsIn("order/2").toSorted()).toEqual(["c", "p/look/pack", "p/pay/b"]);
  });

  it("does not run again what gave an output beside the step, and led to a failure by its function", async () => {
    let throws = true;
    const { test, pathsIn, fork } = await trial(
      workflow("order", input)
        .parallel("p", {
          left: (p) =>
            p.task(b).set("x", (s) => {
              if (throws) throw new Error("not yet");
              return s.b;
            }),
          right: (p) => p.task(c),
        })
        .output((s) => `${s.p.left} ${s.p.right}`),
    );
    const first = await test.start("in", { id: "1" });
    expect(first).toMatchObject({ status: "failed", error: { code: "slot_failed" } });
    throws = false;
    expect(await fork(first, "p/right/c")).toMatchObject({ status: "succeeded", output: "in>b in>c" });
    expect(pathsIn("order/2")).toEqual(["p/right/c"]);
  });

  it("of one that runs does anew what was under way", async () => {
    const { test, pathsIn, fork } = await trial(
      workflow("order", input)
        .task(a)
        .parallel("p", { slow: (p) => p.wait("nap", { for: "1 day" }).task(b), quick: (p) => p.task(c) }),
    );
    const first = await test.begin("in", { id: "1" });
    await test.advance("12 hours");
    const atMs = test.clock.now();
    const forked = await fork(first, "p/quick/c");
    expect(forked).toMatchObject({ status: "succeeded", output: { slow: "in>a>b", quick: "in>a>c" } });
    expect(pathsIn("order/2")).toEqual(["p/quick/c", "p/slow/b"]);
    expect(Date.parse(forked.endedAt ?? "") - atMs).toBe(86_400_000);
    // The other one was not held up.
    expect(Date.parse((await test.show(first)).endedAt ?? "") - atMs).toBe(43_200_000);
  });

  it("of one that is paused runs", async () => {
    const { test, fork } = await trial(workflow("order", input).task(a).wait("nap", { for: "1 day" }).task(b));
    const first = await test.begin("in", { id: "1" });
    await test.control(first, { kind: "pause" });
    expect(await fork(first, "a")).toMatchObject({ status: "succeeded" });
    expect(await test.show(first)).toMatchObject({ status: "paused" });
  });

  it("has the signals that were taken, and waits anew for those that were not", async () => {
    const { test, pathsIn } = await trial(
      workflow("order", input)
        .waitFor(approved)
        .task(b, { input: (s) => s.approved.by })
        .parallel("p", { x: (p) => p.waitFor(approved.as("second")), y: (p) => p.task(c) })
        .output((s) => `${s.approved.by} ${s.p.x.by}`),
    );
    const first = await test.begin("in", { id: "1" });
    await test.signal(first, approved, { by: "Ada" });
    const forked = await test.control(first, { kind: "fork", from: "p/y/c", id: "2" });
    expect(forked).toMatchObject({ status: "running" });
    expect(pathsIn("order/2")).toEqual(["p/y/c"]);
    expect(await test.signal(first, approved, { by: "Bob" })).toMatchObject({ output: "Ada Bob" });
    expect(await test.show(forked)).toMatchObject({ status: "running" });
    expect(await test.signal(forked, approved, { by: "Cy" })).toMatchObject({ output: "Ada Cy" });
    expect(await test.control(first, { kind: "fork", from: "p/y/c", id: "3" })).toMatchObject({ output: "Ada Bob" });
  });

  it("may take as long as its workflow says, from the fork on", async () => {
    const { test, fork } = await trial(
      workflow("order", { ...input, timeout: "2 days" })
        .task(a)
        .wait("nap", { for: "1 day" })
        .task(b),
    );
    const first = await test.start("in", { id: "1" });
    await test.advance("3 days");
    expect(first.status).toBe("succeeded");
    expect((await fork(first, "b")).status).toBe("succeeded");
    expect((await fork(first, "a", { id: "3" })).status).toBe("succeeded");
  });

  it("keeps the rounds of a loop that came before, and the items of a map beside it", async () => {
    const { test, pathsIn, fork } = await trial(
      workflow("order", input)
        .loop("again", { from: (s) => s.input, each: (l) => l.task(b), until: (x) => x.length > 8, max: 9 })
        .map("each", { over: (s) => [s.again, "y"], each: (m) => m.task(c), concurrency: 2 }),
    );
    const first = await test.start("in", { id: "1" });
    expect(first.output).toEqual(["in>b>b>b>b>c", "y>c"]);
    const forked = await fork(first, "again/3/b", { input: "long enough" });
    expect(forked.output).toEqual(["long enough>b>c", "y>c"]);
    expect(pathsIn("order/2")).toEqual(["again/3/b", "each/0/c", "each/1/c"]);
    expect((await fork(first, "each/1/c", { id: "3", input: "z" })).output).toEqual(["in>b>b>b>b>c", "z>c"]);
    expect(pathsIn("order/3")).toEqual(["each/1/c"]);
  });

  it("in a caught block may go another way", async () => {
    const { test, fails, pathsIn, fork } = await trial(
      workflow("order", input)
        .task(a)
        .block("pay", (x) => x.task(b), { catch: { Declined: (x) => x.task(c) } }),
    );
    fails.add("pay/done/b");
    const first = await test.start("in", { id: "1" });
    expect(first).toMatchObject({ status: "succeeded", output: { branch: "Declined", output: "in>a>c" } });
    fails.clear();
    expect(await fork(first, "pay/done/b")).toMatchObject({ output: { branch: "done", output: "in>a>b" } });
    expect(pathsIn("order/2")).toEqual(["pay/done/b"]);
    expect(await fork(first, "pay/Declined/c", { id: "3" })).toMatchObject({ output: { branch: "Declined" } });
    expect(pathsIn("order/3")).toEqual(["pay/Declined/c"]);
  });

  describe("of a race", () => {
    const race = workflow("order", input)
      .task(a)
      .race("first", {
        quick: (r) => r.task(b).task(c),
        slow: (r) => r.task(c.as("x")).wait("nap", { for: "1 day" }).task(b.as("late")),
      })
      .task(b.as("after"), { input: (s) => s.first.branch });

    it("from the winner's step on is a race again", async () => {
      const { test, pathsIn, fork } = await trial(race);
      const first = await test.start("in", { id: "1" });
      expect(first).toMatchObject({ status: "succeeded", output: "quick>after" });
      expect(await fork(first, "first/quick/c")).toMatchObject({ status: "succeeded", output: "quick>after" });
      expect(pathsIn("order/2")).toEqual(["first/quick/c", "after"]);
    });
    it("from a loser's step on is refused", async () => {
      const { test } = await trial(race);
      const first = await test.start("in", { id: "1" });
      await expect(test.control(first, { kind: "fork", from: "first/slow/x", id: "2" })).rejects.toMatchObject({
        code: "invalid_fork",
        message: expect.stringMatching(/^order\/1 cannot be forked: 'first\/slow\/x' lies in /),
      });
    });
    it("from a step after it lets the losers rest", async () => {
      const { test, pathsIn, fork } = await trial(race);
      const forked = await fork(await test.start("in", { id: "1" }), "after");
      expect(forked).toMatchObject({ status: "succeeded", output: "quick>after" });
      expect(pathsIn("order/2")).toEqual(["after"]);
    });
  });

  describe("of what has been, or can be, undone", () => {
    const undoing = workflow("order", input).task(a).task(b, { undo: undoB }).task(c).task(b.as("last"));

    it("does anew what was undone, and what it led to", async () => {
      const { test, fails, pathsIn, fork } = await trial(undoing);
      fails.add("last");
      const first = await test.start("in", { id: "1" });
      expect(first.status).toBe("failed");
      expect(pathsIn("order/1")).toEqual(["a", "b", "c", "last", "b/undo"]);
      fails.clear();
      expect(await fork(first, "last", { input: "x" })).toMatchObject({ status: "succeeded", output: "x>last" });
      expect(pathsIn("order/2")).toEqual(["b", "c", "last"]);
    });
    it("does not undo what the other one has done", async () => {
      const { test, fails, pathsIn, fork } = await trial(undoing);
      const first = await test.start("in", { id: "1" });
      fails.add("last");
      expect((await fork(first, "last")).status).toBe("failed");
      expect(pathsIn("order/2")).toEqual(["last"]);
      expect((await fork(first, "b", { id: "3" })).status).toBe("failed");
      expect(pathsIn("order/3")).toEqual(["b", "c", "last", "b/undo"]);
    });
    it("can be redriven, and undoes then what it has done itself", async () => {
      const { test, fails, pathsIn, fork } = await trial(undoing);
      const first = await test.start("in", { id: "1" });
      fails.add("last");
      const forked = await fork(first, "last");
      const redriven = await test.end(await test.control(forked, { kind: "redrive", from: "b" }));
      expect(redriven).toMatchObject({ status: "failed", epoch: 2 });
      expect(pathsIn("order/2")).toEqual(["last", "b", "c", "last", "b/undo"]);
    });
  });

  it("can be forked again", async () => {
    const { test, pathsIn, fork } = await trial(order);
    const forked = await fork(await test.start("in", { id: "1" }), "p/pay/b", { input: "x" });
    const again = await fork(forked, "c", { id: "3" });
    expect(again).toMatchObject({ output: forked.output, trigger: { execution: "order/2", epoch: 1 }, emitted: [] });
    expect(pathsIn("order/3")).toEqual(["c"]);
    const back = await fork(forked, "p/look/pack", { id: "4" });
    expect(back).toMatchObject({ output: forked.output });
    expect(pathsIn("order/4")).toEqual(["p/look/pack", "c"]);
  });

  it("of one that was redriven begins with what holds now", async () => {
    const { test, pathsIn, fork } = await trial(order);
    const first = await test.start("in", { id: "1" });
    const redriven = await test.end(await test.control(first, { kind: "redrive", from: "p/pay/b", input: "x" }));
    const forked = await fork(redriven, "c");
    expect(forked).toMatchObject({ output: redriven.output, trigger: { epoch: 1 } });
    expect(pathsIn("order/2")).toEqual(["c"]);
  });

  it("asked for twice is one", async () => {
    const { test, pathsIn, fork } = await trial(order);
    const first = await test.start("in", { id: "1" });
    const forked = await fork(first, "c");
    expect(await fork(first, "c")).toEqual(forked);
    expect(pathsIn("order/2")).toEqual(["c"]);
  });

  it.each<[string, { from: string; id?: string; input?: Json }, object]>([
    ["from a step that is not there", { from: "x" }, { code: "invalid_fork" }],
    ["from what is no step", { from: "p" }, { code: "invalid_fork" }],
    ["under the id of another execution", { from: "c", id: "1" }, { code: "invalid_fork" }],
    ["under what is no id", { from: "c", id: "a b" }, { code: "invalid_id" }],
  ])("%s is refused", async (_, of, error) => {
    const { test } = await trial(order);
    const first = await test.start("in", { id: "1" });
    await expect(test.control(first, { kind: "fork", id: "2", ...of })).rejects.toMatchObject(error);
  });

  it("with an input that breaks the node's schema is refused", async () => {
    const strict = node("strict", { input: z.object({ n: z.number() }), output: z.string() });
    const handlers = { strict: implement(strict, ({ n }) => String(n)) };
    const of = workflow("order", input).task(strict, { input: () => ({ n: 1 }) });
    const test = await testWorkflow(of, { handlers });
    const first = await test.start("in", { id: "1" });
    await expect(
      test.control(first, { kind: "fork", from: "strict", id: "2", input: { n: "1" } }),
    ).rejects.toMatchObject({ code: "invalid_input", message: expect.stringMatching(/^the input of 'strict' breaks/) });
  });

  it("of a step that has not settled is refused", async () => {
    const { test, fails } = await trial(
      workflow("order", input)
        .task(a)
        .parallel("p", { x: (p) => p.task(c), y: (p) => p.wait("nap", { for: "1 day" }) }),
    );
    fails.clear();
    const first = await test.begin("in", { id: "1" });
    await test.control(first, { kind: "pause" });
    await expect(test.control(first, { kind: "fork", from: "p/y/nap", id: "2" })).rejects.toMatchObject({
      message: expect.stringMatching(/no step at 'p\/y\/nap' has settled$/),
    });
  });
});
